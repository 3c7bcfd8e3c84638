import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../bench/report/finding.ts';
import { runMeasurement } from '../../bench/report/run-measurement.ts';
import { spreadOf } from '../../bench/report/statistics.ts';

const FINDING: Finding = { what: 'start', unit: 'ms', measured: spreadOf([3]), noise: null, target: null };

test('a measurement that throws keeps its findings and ends with a row that says so', async () => {
  let printed = '';
  const group = await runMeasurement(
    {
      name: 'broken',
      about: 'Half of a measurement',
      async *measure() {
        yield FINDING;
        throw new Error('the portal did not start\nat some place');
      },
    },
    { scale: 'smoke', progress: () => {}, packageCli: async () => [] },
    (text) => {
      printed += text;
    },
  );
  assert.deepEqual(group.findings, [
    FINDING,
    {
      what: 'broken',
      unit: '×',
      measured: { failed: 'the portal did not start' },
      noise: null,
      target: null,
    },
  ]);
  assert.match(printed, /^start .* 3\.0 ms/m);
  assert.match(printed, /^broken .*failed: the portal did not start$/m);
});
