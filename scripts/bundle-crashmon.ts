// The sources as a few files, for the processes that tests start by the hundred: each saves the loading of 280 modules.
import { globSync, rmSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { ROOT } from './test-files.ts';

const SOURCE = path.join(ROOT, 'src');
/** Of this process, with the compile cache of what runs there. */
const FOLDER = path.join(ROOT, 'node_modules/.cache/crashmon-tests', `run-${process.pid}`);
/** Laid out as `dist/` is. */
const BUNDLE = path.join(FOLDER, 'bundle');

/** What `src/cli/start/prepare-process.mjs` and other processes load by name. */
const ENTRIES = ['cli/start/supervise', 'agent/analysis-process', 'agent/notify/notify-process'];
/** Its verbs are loaded one by one. */
const SPLIT = 'cli/cli';
const COPIED = globSync(['cli/*.mjs', 'cli/start/*.{mjs,sh}'], { cwd: SOURCE });
/** They start those entries; whatever else lies beside a source is used where it is. */
const STARTERS = [
  'cli/start/become-agent.ts',
  'cli/start/own-command.ts',
  'agent/analysis-guard.ts',
  'agent/notify/agent-notify.ts',
];

/** A source says where it is, wherever its text has gone. */
const places: Plugin = {
  name: 'places',
  setup(build) {
    build.onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path: file }) => {
      const name = path.relative(SOURCE, file);
      if (name.startsWith('..')) return null;
      const place = STARTERS.includes(name) ? path.join(BUNDLE, name.replace(/ts$/, 'js')) : file;
      const contents = (await readFile(file, 'utf8'))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href))
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(place)));
      return { contents, loader: 'ts' };
    });
  },
};

/** It is gone when this process has ended. @returns the program, as `src/cli/main.mjs` is it of the sources */
export async function bundleCrashmon(): Promise<string> {
  process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
  const common: BuildOptions = {
    absWorkingDir: SOURCE,
    outdir: BUNDLE,
    outbase: SOURCE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    packages: 'external',
    // For the CommonJS among the sources.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [places],
    logLevel: 'warning',
  };
  await Promise.all([
    build({ ...common, entryPoints: ENTRIES.map((name) => `${name}.ts`) }),
    build({ ...common, entryPoints: [`${SPLIT}.ts`], splitting: true }),
  ]);
  for (const name of COPIED) {
    await mkdir(path.dirname(path.join(BUNDLE, name)), { recursive: true });
    await copyFile(path.join(SOURCE, name), path.join(BUNDLE, name));
  }
  return path.join(BUNDLE, 'cli/main.mjs');
}
