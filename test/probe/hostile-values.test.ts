import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ThrownValue } from '../../src/model/probe-record.ts';
import { matrix } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { runBoth, visible } from './run-probed.ts';

/** What is left of each value of test/fixtures/node/throws-hostile-value.cjs in the record. */
const EXPECTED: Record<string, Partial<ThrownValue>> = {
  symbol: { isError: false, type: 'symbol', message: 'Symbol(thrown)', frameSource: 'none' },
  bigint: { isError: false, type: 'bigint', message: '12345678901234567890' },
  null: { isError: false, type: 'null', message: 'null' },
  function: { isError: false, type: 'Function', message: '' },
  'null-prototype': { isError: false, type: 'Object', message: '' },
  proxy: { isError: false, type: 'Proxy', message: '', frames: [] },
  'revoked-proxy': { isError: false, type: 'Proxy', message: '' },
  'throwing-getters': { isError: true, type: 'Error', message: '', cause: null, code: null },
  'throwing-stack': { isError: true, type: 'Error', message: 'x', frameSource: 'none', frames: [] },
  'message-is-object': { isError: true, type: 'Error', message: '' },
  'stack-is-number': { isError: true, frameSource: 'none', frames: [] },
  'huge-message': { isError: true, messageLength: 10_000_000, message: 'm'.repeat(1_048_576) },
  'huge-stack': { isError: true, frameSource: 'text' },
  'cyclic-cause': { isError: true, message: 'chicken' },
  'deep-causes': { isError: true, message: 'level 999' },
  'to-json': { isError: true, message: 'through toJSON' },
  'lone-surrogate': { isError: true, message: '\ud800 and \u0000 and \u2028' },
};

describe('values that harm code that reads them', { concurrency: 3 }, () => {
  for (const [[name, expected], node] of matrix(Object.entries(EXPECTED), nodeBinaries())) {
    test(`Node ${node.version}: ${name}`, async () => {
      const { plain, probed } = await runBoth(node, ['throws-hostile-value.cjs', name]);
      assert.deepEqual(visible(probed), visible(plain));
      assert.equal(plain.code, 1);
      const thrown = probed.records[0]?.thrown;
      assert.ok(thrown);
      const seen = Object.fromEntries(Object.entries(thrown).filter(([key]) => key in expected));
      assert.deepEqual(seen, expected);
      assert.ok(thrown.frames.length <= 10);
      assert.ok(chain(thrown).length <= 9);
    });
  }
});

function chain(thrown: ThrownValue): ThrownValue[] {
  return thrown.cause === null ? [thrown] : [thrown, ...chain(thrown.cause)];
}
