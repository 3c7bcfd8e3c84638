import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { cleanEnvironment } from '../../support/npm.ts';
import { runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { APPS } from './run-app.ts';

const NODE = nodeBinary(24).path;
const LINKS = {
  pnpm: [NODE, path.join(APPS, 'node_modules/pnpm/bin/pnpm.cjs'), 'install', '--offline', '--ignore-scripts'],
  npm: ['npm', 'install', '--offline', '--no-audit', '--no-fund'],
};

/** A workspace with an app and a package that it uses, beside a folder that is none of its members. */
async function workspace(root: string, manager: 'npm' | 'pnpm'): Promise<void> {
  const version = manager === 'pnpm' ? 'workspace:*' : '*';
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ name: 'shop', private: true, workspaces: ['packages/*'] }),
    'pnpm-workspace.yaml': 'packages:\n  - "packages/*"\n',
    'packages/api/package.json': JSON.stringify({
      ...{ name: '@shop/api', version: '1.0.0', dependencies: { '@shop/cart': version } },
    }),
    'packages/api/server.js': `const { total } = require('@shop/cart');
setImmediate(function serve() { total([null]); });
`,
    'packages/cart/package.json': JSON.stringify({
      name: '@shop/cart',
      version: '1.0.0',
      main: 'src/cart.js',
    }),
    'packages/cart/src/cart.js': `exports.total = function total(items) {
  return items.map(require('../../../../outside/price.js').priceOf);
};
`,
    '../outside/price.js': 'exports.priceOf = function priceOf(item) { return item.cents; };\n',
  };
  if (manager === 'npm') delete files['pnpm-workspace.yaml'];
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  const [program = '', ...args] = LINKS[manager];
  // pnpm keeps a store and a state in folders of the user's.
  const folders = ['XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'].map((name) => [
    name,
    path.dirname(root),
  ]);
  const env = { ...cleanEnvironment(), ...Object.fromEntries(folders) };
  const run = await runProgram(program, args, { cwd: root, env });
  assert.equal(run.code, 0, run.stdout + run.stderr);
}

for (const manager of ['pnpm', 'npm'] as const) {
  test(`${manager}: files of siblings are named from the root of the workspace on`, async () => {
    await using home = await temporaryDirectory('alice');
    await using state = await stateDirectory();
    const root = path.join(home.path, 'customers-of-alice');
    await mkdir(root);
    await workspace(root, manager);
    const run = await crashmon(
      ['run', '--quiet', '--arm-after', '0', '--restart', 'never', '--', NODE, 'server.js'],
      { stateDir: state.path, cwd: path.join(root, 'packages/api') },
    );
    assert.equal(run.code, 1, run.stderr);
    const report = await untilReported(state.path);
    assert.equal(report.app, '@shop/api');
    assert.deepEqual(
      report.frames.filter(({ inApp }) => inApp).map(({ file, line }) => `${file}:${line}`),
      ['…/price.js:1', 'packages/cart/src/cart.js:2', 'server.js:2'],
    );
    assert.doesNotMatch(JSON.stringify(report), /alice/);
  });
}
