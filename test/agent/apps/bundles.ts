import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { IS_COMPLETE } from '../../support/matrix.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { runProgram } from '../../support/run-program.ts';
import { BUN } from '../../support/script-runtimes.ts';

/** Builds the app in `folder/module` with every bundler, each into a folder of its own below `folder/built`. */
export async function buildBundles(folder: string): Promise<void> {
  const app = path.join(folder, 'built');
  await mkdir(app);
  await cp(path.join(folder, 'module'), app, { recursive: true });
  const esbuild = (name: string, options: object) =>
    build({
      absWorkingDir: app,
      entryPoints: ['server.ts'],
      outfile: `${name}/server.js`,
      ...{ bundle: true, platform: 'node', format: 'esm', ...options },
    });
  await esbuild('esbuild-inline', { sourcemap: 'inline' });
  if (IS_COMPLETE) await esbuild('esbuild-external', { sourcemap: 'linked' });
  await esbuild('esbuild-minified', { sourcemap: 'linked', minify: true });
  await writeFile(path.join(app, 'webpack.mjs'), WEBPACK);
  await writeFile(path.join(app, 'rollup.mjs'), ROLLUP);
  await writeFile(path.join(app, 'vite.mjs'), VITE);
  const [bun = ''] = BUN;
  const node = nodeBinary(24).path;
  const tsc = [path.join(folder, 'node_modules/typescript/bin/tsc'), '--project', 'tsc.json'];
  await writeFile(path.join(app, 'tsc.json'), JSON.stringify(TSC));
  for (const [program, ...args] of [
    [node, ...tsc, '--outDir', 'tsc', '--sourceMap'],
    [node, 'webpack.mjs', ...(IS_COMPLETE ? ['eval'] : [])],
    ...(IS_COMPLETE ? [[node, 'rollup.mjs']] : []),
    [node, 'vite.mjs'],
    [bun, 'build', 'server.ts', '--target=node', '--outdir=bun', '--sourcemap=linked'],
  ]) {
    const run = await runProgram(program ?? '', args, { cwd: app });
    if (run.code !== 0) throw new Error(`${args.join(' ')}: ${run.stdout}${run.stderr}`);
  }
  await withoutMaps(path.join(app, 'tsc'), path.join(app, 'tsc-mapless'));
}

/** What tsc makes when it is asked for no maps. */
async function withoutMaps(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of (await readdir(from)).filter((file) => file.endsWith('.js'))) {
    const text = await readFile(path.join(from, name), 'utf8');
    await writeFile(path.join(to, name), text.replace(/^\/\/# sourceMappingURL=.*$/m, ''));
  }
}

const TSC = {
  compilerOptions: {
    ...{
      target: 'es2022',
      module: 'nodenext',
      types: [],
      rewriteRelativeImportExtensions: true,
      noCheck: true,
    },
  },
  files: ['server.ts'],
};

const WEBPACK = `import webpack from 'webpack';
const build = (devtool) => new Promise((resolve, reject) => {
  const rule = { test: /\\.ts$/, loader: 'ts-loader', options: { transpileOnly: true } };
  const output = { path: import.meta.dirname + '/webpack-' + devtool, filename: 'server.cjs' };
  const mode = /^(?:eval|cheap)/.test(devtool) ? 'development' : 'production';
  const context = import.meta.dirname;
  webpack({ mode, devtool, target: 'node', entry: './server.ts', context, output, module: { rules: [rule] } },
    (error, stats) => error || stats.hasErrors() ? reject(error ?? stats.toString()) : resolve());
});
const devtools = ['source-map', 'cheap-source-map', 'hidden-source-map', 'eval-source-map'];
for (const devtool of [...devtools, ...process.argv.slice(2)]) await build(devtool);
`;

const ROLLUP = `import { rollup } from 'rollup';
import typescript from '@rollup/plugin-typescript';
const bundle = await rollup({ input: 'server.ts', plugins: [typescript({ noCheck: true })] });
await bundle.write({ dir: 'rollup', format: 'es', sourcemap: true });
await bundle.close();
`;

const VITE = `import { build } from 'vite';
await build({
  configFile: false, logLevel: 'error', build: { ssr: 'server.ts', outDir: 'vite', sourcemap: true },
});
`;
