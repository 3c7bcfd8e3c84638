import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nodeBinaries } from '../support/node-versions.ts';
import { runBoth, visible } from './run-probed.ts';

describe('errors that the app handles leave no candidate', { concurrency: 2 }, () => {
  for (const node of nodeBinaries()) {
    test(`Node ${node.version}`, async () => {
      const { plain, probed } = await runBoth(node, ['handles-errors.cjs']);
      assert.equal(plain.code, 0, plain.stderr);
      assert.ok(Number(plain.stdout) >= 30);
      assert.deepEqual(visible(probed), visible(plain));
      assert.equal(probed.claim?.type, 'claim');
      assert.deepEqual(probed.records, []);
    });
  }
});
