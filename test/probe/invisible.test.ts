import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inTurn } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { FIXTURES, runBoth, runProbed, visible } from './run-probed.ts';

/** For what no version does differently. */
const inSomeVersion = inTurn(nodeBinaries());

describe('the app cannot see the probe', { concurrency: 2 }, () => {
  for (const node of nodeBinaries()) {
    test(`Node ${node.version}`, async () => {
      for (const nodeOptions of ['', `--no-deprecation --require "${FIXTURES}/throws-nothing.cjs"`]) {
        const { plain, probed } = await runBoth(node, ['looks-for-probe.cjs', 'an argument'], {
          nodeOptions,
        });
        assert.equal(plain.code, 0, plain.stderr);
        assert.deepEqual(visible(probed), visible(plain));
        assert.deepEqual(probed.records, []);
      }
    });
  }

  for (const node of inSomeVersion()) {
    test(`Node ${node.version}: without a directory it does nothing`, async () => {
      const env = { CRASHMON_PROBE_DIR: '/no/such/directory' };
      const run = await runProbed(node.path, ['-p', 'process.listenerCount("uncaughtExceptionMonitor")'], {
        armed: false,
        env,
        nodeOptions: `--require "${FIXTURES}/../../../src/probe/bundled/probe.cjs"`,
      });
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, '0\n', '']);
      const lost = await runProbed(node.path, ['throws-error.cjs'], {
        armed: false,
        env,
        nodeOptions: `--require "${FIXTURES}/../../../src/probe/bundled/probe.cjs"`,
      });
      const plain = await runProbed(node.path, ['throws-error.cjs'], { armed: false });
      assert.deepEqual(visible(lost), visible(plain));
    });
  }
});
