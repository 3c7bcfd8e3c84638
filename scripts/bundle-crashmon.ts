// The sources as a few files, for the processes that tests start by the hundred: each saves the loading of 280 modules and of
// the packages.
import { existsSync, globSync, rmSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { ROOT } from './test-files.ts';

const SOURCE = path.join(ROOT, 'src');
const CACHE = path.join(ROOT, 'node_modules/.cache/crashmon-tests');
/** Of this process, with the compile cache of what runs there. */
export const RUN_FOLDER = path.join(CACHE, `run-${process.pid}`);
/** Laid out as `dist/` is. */
const BUNDLE = path.join(RUN_FOLDER, 'bundle');

/** What `src/cli/start/prepare-process.mjs` and other processes and threads load by name. */
const ENTRIES = [
  ...['cli/start/supervise', 'agent/analysis-process', 'agent/notify/notify-process'],
  ...['portal/store/database/sqlite-thread', 'portal/ingest/reader-thread'],
];
const CLI = 'cli/cli';
const VERBS = 'cli/verbs/verbs.ts';
/** Each has a file of its own with all that it loads. The others share files, and load what they need of them. */
const OWN_FILE = ['run', 'status', 'crashes', 'show', 'logs', 'arm', 'disarm', 'doctor'];
const COPIED = globSync(['cli/*.mjs', 'cli/start/*.{mjs,sh}'], { cwd: SOURCE });
/** They start those entries; whatever else lies beside a source is used where it is. */
const STARTERS = [
  'cli/start/become-agent.ts',
  'cli/start/own-command.ts',
  'agent/analysis-guard.ts',
  'agent/notify/agent-notify.ts',
  'portal/store/database/sqlite-connection.ts',
  'portal/ingest/record-reader.ts',
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

/** The list of verbs is the one verb. */
function onlyVerb(verb: string): Plugin {
  return {
    name: 'only-verb',
    setup(build) {
      build.onLoad({ filter: /\/verbs\/verbs\.ts$/, namespace: 'file' }, () => ({
        contents: `import { add${verb[0]?.toUpperCase()}${verb.slice(1)} as add } from './${verb}.ts';
          export const loadVerbs = async () => [add];`,
        resolveDir: path.join(SOURCE, path.dirname(VERBS)),
        loader: 'ts',
      }));
    },
  };
}

const CHOOSER = `const own = new Set(${JSON.stringify(OWN_FILE)});
export const main = async (argv) => (await import(own.has(argv[0]) ? './' + argv[0] + '.js' : './any.js')).main(argv);
`;

/** It is gone when this process has ended, or if that is killed, when the next one bundles. @returns the program, as `src/cli/main.mjs` is it of the sources */
export async function bundleCrashmon(): Promise<string> {
  for (const folder of globSync('run-*', { cwd: CACHE })) {
    if (!existsSync(`/proc/${folder.slice('run-'.length)}`))
      rmSync(path.join(CACHE, folder), { recursive: true, force: true });
  }
  process.once('exit', () => rmSync(RUN_FOLDER, { recursive: true, force: true }));
  const common: BuildOptions = {
    absWorkingDir: SOURCE,
    outdir: BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Optional parts of pg.
    external: ['pg-native'],
    // For the CommonJS among the sources.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [places],
    logLevel: 'warning',
  };
  await Promise.all([
    build({ ...common, outbase: SOURCE, entryPoints: ENTRIES.map((name) => `${name}.ts`) }),
    build({ ...common, entryPoints: { 'cli/any': `${CLI}.ts` }, splitting: true }),
    ...OWN_FILE.map((verb) =>
      build({
        ...common,
        entryPoints: { [`cli/${verb}`]: `${CLI}.ts` },
        plugins: [onlyVerb(verb), places],
      }),
    ),
  ]);
  await writeFile(path.join(BUNDLE, `${CLI}.js`), CHOOSER);
  // Else Node.js parses each file as CommonJS first.
  await writeFile(path.join(BUNDLE, 'package.json'), '{"type": "module"}\n');
  for (const name of COPIED) {
    await mkdir(path.dirname(path.join(BUNDLE, name)), { recursive: true });
    await copyFile(path.join(SOURCE, name), path.join(BUNDLE, name));
  }
  return path.join(BUNDLE, 'cli/main.mjs');
}
