import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CrashKind } from '../../../src/model/exit.ts';
import { problem } from '../../../src/model/problem.ts';
import type { RedactedReport } from '../../../src/model/redacted-report.ts';
import { redact } from '../../../src/privacy/redact.ts';
import { reportOf } from '../../analysis/report-of.ts';
import { runToDeath } from '../../analysis/run-to-death.ts';
import { crashmon } from '../../support/crashmon.ts';
import { matrix, tested } from '../../support/matrix.ts';
import { type NodeMajor, nodeBinary } from '../../support/node-versions.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { buildBundles } from './bundles.ts';
import { loaderFolder } from './loader-folder.ts';

/** The app's own frames: function, file and position, or why there is none. */
type Stack = readonly string[];

const SOURCE: Stack = [
  'priceOf basket.ts:10:44',
  'Shop.total basket.ts:21:50',
  '(anonymous) server.ts:10:35',
];
const UNMAPPED: Stack = [
  'priceOf basket.ts transpiled',
  'Shop.total basket.ts transpiled',
  '(anonymous) server.ts transpiled',
];

type Way = {
  name: string;
  /** Arguments of Node. */
  args: readonly string[];
  app: 'commonjs' | 'module' | 'mapless' | 'built';
  stack: Stack;
  isRepeated?: true;
};

/** Loaders that transpile in memory. */
const LOADERS: readonly Way[] = [
  { name: 'tsx, a CommonJS app', args: ['--import', 'tsx', 'server.ts'], app: 'commonjs', stack: SOURCE },
  { name: 'tsx, an ES module', args: ['--import', 'tsx', 'server.ts'], app: 'module', stack: SOURCE },
  {
    name: 'tsx/cjs',
    args: ['--require', 'tsx/cjs', 'server.ts'],
    app: 'commonjs',
    stack: SOURCE,
    isRepeated: true,
  },
  {
    name: 'the program tsx',
    args: ['../node_modules/tsx/dist/cli.mjs', 'server.ts'],
    app: 'module',
    stack: SOURCE,
    isRepeated: true,
  },
  { name: 'ts-node', args: ['--require', 'ts-node/register', 'server.ts'], app: 'commonjs', stack: SOURCE },
  {
    name: '@swc-node/register',
    args: ['--require', '@swc-node/register', 'server.ts'],
    app: 'commonjs',
    stack: SOURCE,
  },
  {
    name: '@swc/register',
    args: ['--require', '@swc/register', 'server.ts'],
    app: 'commonjs',
    stack: SOURCE,
    isRepeated: true,
  },
  {
    name: 'esbuild-register',
    args: ['--require', 'esbuild-register', 'server.ts'],
    app: 'commonjs',
    stack: SOURCE,
    isRepeated: true,
  },
  { name: '@babel/register', args: ['babel.cjs'], app: 'commonjs', stack: SOURCE },
  // These two run in a thread of their own, and put a map into the text that Node reads only when asked to.
  ...['ts-node/esm', '@swc-node/register/esm'].flatMap((loader, at): Way[] => [
    {
      ...{ name: loader, args: ['--loader', loader, 'server.ts'], app: 'module', stack: UNMAPPED },
      ...(at === 1 ? { isRepeated: true } : {}),
    },
    {
      name: `${loader} and --enable-source-maps`,
      args: ['--enable-source-maps', '--loader', loader, 'server.ts'],
      app: 'module',
      stack: SOURCE,
      ...(at === 0 ? { isRepeated: true } : {}),
    },
  ]),
  {
    name: '@swc-node/register without source maps',
    args: ['--require', '@swc-node/register', 'server.ts'],
    app: 'mapless',
    stack: UNMAPPED,
  },
];

/** What is built before: positions are mapped by the map that the file names, or are the built file's own. */
const BUILDERS: readonly Way[] = [
  ...['tsc', 'esbuild-inline', 'esbuild-external', 'esbuild-minified', 'rollup', 'vite', 'bun'].map(
    (name): Way => ({
      ...{ name, args: [`${name}/server.js`], app: 'built', stack: SOURCE },
      // esbuild names its files so when it minifies, too; Vite bundles by Rollup.
      ...(name === 'esbuild-external' || name === 'rollup' ? { isRepeated: true } : {}),
    }),
  ),
  { name: 'webpack', args: ['webpack-source-map/server.cjs'], app: 'built', stack: SOURCE },
  // Its map begins at what ts-loader made of the sources.
  {
    name: 'webpack, cheap-source-map',
    args: ['webpack-cheap-source-map/server.cjs'],
    app: 'built',
    stack: UNMAPPED.map((frame) => frame.replace('transpiled', 'other-source')),
  },
  {
    name: 'webpack, hidden-source-map',
    args: ['webpack-hidden-source-map/server.cjs'],
    app: 'built',
    stack: [
      't webpack-hidden-source-map/server.cjs:1:49',
      'e.total webpack-hidden-source-map/server.cjs:1:151',
      '(anonymous) webpack-hidden-source-map/server.cjs:1:236',
    ],
  },
  // The bundle evaluates each module, under a name that is no file's.
  ...['webpack-eval', 'webpack-eval-source-map'].map(
    (name, at): Way => ({
      ...{ name, args: [`${name}/server.cjs`], app: 'built' },
      stack: [...UNMAPPED.slice(0, 2), 'Immediate.eval server.ts transpiled'],
      ...(at === 0 ? { isRepeated: true } : {}),
    }),
  ),
  {
    name: 'tsc without source maps',
    args: ['tsc-mapless/server.js'],
    app: 'built',
    stack: [
      'priceOf tsc-mapless/basket.js:2:23',
      'Shop.total tsc-mapless/basket.js:12:20',
      '(anonymous) tsc-mapless/server.js:5:39',
    ],
  },
];

const STRIPPING: Way = {
  name: "Node's type stripping",
  args: ['server.ts'],
  app: 'module',
  stack: SOURCE,
};

describe('the line of a crash', { concurrency: 2 }, () => {
  let folder: TemporaryDirectory;
  before(async () => {
    folder = await loaderFolder();
    await buildBundles(folder.path);
  });
  after(() => folder[Symbol.asyncDispose]());

  const cases: readonly (readonly [Way, NodeMajor])[] = [
    ...matrix(tested(LOADERS), [20, 24] as const),
    ...tested(BUILDERS).map((way) => [way, 20] as const),
    ...matrix([STRIPPING], [22, 24, 26] as const),
  ];
  for (const [way, version] of cases) {
    test(`Node ${version}: ${way.name}`, async () => {
      const report = await reportFrom(version, way.args, path.join(folder.path, way.app));
      assert.deepEqual(ownStack(report), way.stack);
      const isUnmapped = report.problems.some(
        ({ code, count }) => code === 'lines-transpiled' && count === 3,
      );
      assert.equal(
        isUnmapped,
        way.stack.every((frame) => frame.endsWith(' transpiled')),
      );
    });
  }

  test('a source that was changed after the start has no line', async () => {
    const app = path.join(folder.path, 'edited');
    await cp(path.join(folder.path, 'module'), app, { recursive: true });
    for (const args of [['--import', 'tsx', 'server.ts'], ['server.ts']]) {
      await cp(path.join(folder.path, 'module/basket.ts'), path.join(app, 'basket.ts'));
      const death = await runToDeath(nodeBinary(24).path, args, { directory: app, armed: true });
      await writeFile(
        path.join(app, 'basket.ts'),
        `// A new line.\n${await readFile(path.join(app, 'basket.ts'))}`,
      );
      const report = redact(reportOf(death, app, 'exception'));
      assert.deepEqual(ownStack(report), [
        'priceOf basket.ts changed',
        'Shop.total basket.ts changed',
        '(anonymous) server.ts:10:35',
      ]);
      assert.deepEqual(report.problems, [problem('lines-changed', 2)]);
    }
  });

  test('an exit in TypeScript: who called it, by the map that Node has', async () => {
    const app = path.join(folder.path, 'commonjs');
    const report = await reportFrom(24, ['--import', 'tsx', 'exits.ts'], app, 'exit');
    assert.deepEqual(ownStack(report).slice(0, 2), ['refuse exits.ts:7:11', 'serve exits.ts:11:3']);
  });

  test('crashmon run: the report and what it prints of it', async () => {
    const app = path.join(folder.path, 'mapless');
    await using state = await stateDirectory();
    const command = [nodeBinary(20).path, '--require', '@swc-node/register', 'server.ts'];
    const run = await crashmon(
      ['run', '--quiet', '--name', 'shop', '--arm-after', '0', '--restart', 'never', '--', ...command],
      { stateDir: state.path, cwd: app },
    );
    assert.equal(run.code, 1, run.stderr);
    assert.deepEqual(ownStack(await untilReported(state.path)), UNMAPPED);
    const shown = await crashmon(['show'], { stateDir: state.path });
    assert.match(shown.stdout, /> priceOf {2,}basket\.ts {2}\(not mapped\)\n/);
    assert.match(shown.stdout, /nearest to the crash: priceOf in basket\.ts\n/);
  });
});

async function reportFrom(
  version: NodeMajor,
  args: readonly string[],
  app: string,
  kind: CrashKind = 'exception',
): Promise<RedactedReport> {
  const death = await runToDeath(nodeBinary(version).path, args, { directory: app, armed: true });
  return redact(reportOf(death, app, kind));
}

function ownStack({ frames }: Pick<RedactedReport, 'frames'>): string[] {
  return frames
    .filter(({ inApp }) => inApp)
    .map(({ function: name, file, line, column, noLine }) =>
      [name ?? '(anonymous)', noLine === undefined ? `${file}:${line}:${column}` : `${file} ${noLine}`].join(
        ' ',
      ),
    );
}
