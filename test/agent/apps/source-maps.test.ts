import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { crashmon } from '../../support/crashmon.ts';
import { matrix } from '../../support/matrix.ts';
import { type NodeBinary, nodeBinaries } from '../../support/node-versions.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { APPS, runApp, seen } from './run-app.ts';

const SUPPORT = path.join(APPS, 'node_modules/source-map-support/register.js');
const SOURCE = 'serves-and-dies.ts';
const LINE = 16;

type Way = { name: string; args: readonly string[]; nodeOptions?: string; sources: boolean; exits?: true };

/** Who maps the stack that is printed; source-map-support prints it itself, and exits. */
const WAYS: readonly Way[] = [
  { name: 'neither', args: ['external.js'], sources: false },
  { name: '--enable-source-maps', args: ['--enable-source-maps', 'external.js'], sources: true },
  {
    name: '--enable-source-maps in NODE_OPTIONS',
    args: ['inline.js'],
    nodeOptions: '--enable-source-maps',
    sources: true,
  },
  { name: 'source-map-support', args: ['--require', SUPPORT, 'inline.js'], sources: true, exits: true },
  {
    name: 'source-map-support in NODE_OPTIONS',
    args: ['external.js'],
    nodeOptions: `--require ${SUPPORT}`,
    sources: true,
    exits: true,
  },
  {
    name: 'both',
    args: ['--enable-source-maps', '--require', SUPPORT, 'external.js'],
    sources: true,
    exits: true,
  },
];

describe('mapped stacks', { concurrency: 2 }, () => {
  let folder: TemporaryDirectory;
  before(async () => {
    folder = await temporaryDirectory('bundles');
    for (const sourcemap of ['external', 'inline'] as const) {
      await build({
        entryPoints: [path.join(APPS, 'src', SOURCE)],
        outfile: path.join(folder.path, `${sourcemap}.js`),
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node18',
        sourcemap: sourcemap === 'external' ? 'linked' : 'inline',
      });
    }
  });
  after(() => folder[Symbol.asyncDispose]());

  for (const [way, node] of matrix(WAYS, nodeBinaries())) {
    test(`Node ${node.version}: by ${way.name}`, async () => {
      const { plain, probed } = await runApp(node, way.args, {
        cwd: folder.path,
        ...(way.nodeOptions === undefined ? {} : { nodeOptions: way.nodeOptions }),
      });
      assert.equal(plain.code, 1, plain.stderr);
      assert.equal(plain.stderr.includes(`${SOURCE}:${LINE}:`), way.sources, plain.stderr);
      assert.deepEqual(seen(probed), seen(plain));
      assert.deepEqual(
        probed.records.map(({ event }) => event),
        way.exits ? ['uncaught', 'exit'] : ['uncaught'],
      );
      await assertReported(node, way, folder.path);
    });
  }

  for (const node of nodeBinaries()) {
    test(`Node ${node.version}: by tsx`, async () => {
      const { plain, probed } = await runApp(node, ['--import', 'tsx', SOURCE]);
      assert.equal(plain.code, 1, plain.stderr);
      assert.ok(plain.stderr.includes(`${SOURCE}:${LINE}:`), plain.stderr);
      assert.deepEqual(seen(probed), seen(plain));
      assert.equal(probed.records[0]?.thrown?.frames[0]?.function, 'placeOrder');
    });
  }
});

/** Whatever printed it, the report names the source. */
async function assertReported(node: NodeBinary, way: Way, cwd: string): Promise<void> {
  await using state = await stateDirectory();
  const command = [node.path, ...way.args];
  const run = await crashmon(
    ['run', '--quiet', '--name', 'shop', '--arm-after', '0', '--restart', 'never', '--', ...command],
    { stateDir: state.path, cwd, env: { NODE_OPTIONS: way.nodeOptions } },
  );
  assert.equal(run.code, 1, run.stderr);
  const { frames } = await untilReported(state.path);
  assert.deepEqual(frames[0]?.file?.split('/').at(-1), SOURCE);
  assert.deepEqual([frames[0]?.function, frames[0]?.line], ['placeOrder', LINE]);
}
