import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactedReport } from '../../../../test/support/portal/records.ts';
import type { Frame } from '../../../model/frame.ts';
import type { RedactedReport } from '../../../model/redacted-report.ts';
import { titlesApart } from './titles-apart.ts';

const frame = (name: string, line: number): Frame => ({
  ...{ function: name, file: 'server.js', line, column: 3, module: null },
  ...{ inApp: true, repeat: 1, trust: 'call-site' },
});
const report = (frames: Frame[]): RedactedReport => Object.assign(redactedReport('a'), { frames });

test('equal titles of groups get what only one of them has', () => {
  const apart = titlesApart([
    { id: 'aaaaaaaaaaaa', report: report([frame('chargeCard', 48), frame('checkout', 12)]) },
    { id: 'bbbbbbbbbbbb', report: report([frame('chargeCard', 48), frame('refund', 30)]) },
    { id: 'cccccccccccc', report: report([frame('chargeCard', 51)]) },
    { id: 'dddddddddddd', report: null },
  ]);
  assert.deepEqual(
    [...apart.values()].toSorted(),
    ['checkout (server.js)', 'line 51', 'no call stack', 'refund (server.js)'].toSorted(),
  );
});

test('groups that differ in their Node.js alone, or in nothing that is known, differ all the same', () => {
  const one = report([frame('chargeCard', 48)]);
  const by = (...reports: (RedactedReport | null)[]) => [
    ...titlesApart(reports.map((each, at) => ({ id: `${at}bcdef012345`, report: each }))).values(),
  ];
  assert.deepEqual(by(one, { ...one, runtime: { name: 'node', version: '22.1.0' } }), [
    'Node.js v24.0.0',
    'Node.js v22.1.0',
  ]);
  assert.deepEqual(by(one, one, null, null), [
    'group 0bcdef',
    'group 1bcdef',
    'group 2bcdef',
    'group 3bcdef',
  ]);
});
