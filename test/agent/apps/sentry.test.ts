import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CandidateRecord } from '../../../src/model/probe-record.ts';
import { matrix, tested } from '../../support/matrix.ts';
import { nodeBinaries } from '../../support/node-versions.ts';
import { runReportingApp, seen } from './run-app.ts';

type App = {
  args: readonly string[];
  ends: number;
  /** How many exceptions Sentry receives. */
  reports: number;
  events: readonly CandidateRecord['event'][];
  isRepeated?: true;
};

const APPS_OF_SENTRY: readonly App[] = [
  { args: ['sentry-reports.cjs', 'throws'], ends: 1, reports: 1, events: ['uncaught', 'exit'] },
  {
    args: ['sentry-reports.cjs', 'throws-text'],
    ends: 1,
    reports: 1,
    events: ['uncaught', 'exit'],
    isRepeated: true,
  },
  // Its default: reported, printed, survived.
  { args: ['sentry-reports.cjs', 'rejects'], ends: 0, reports: 1, events: ['handled-rejection'] },
  { args: ['sentry-reports.cjs', 'captures'], ends: 0, reports: 2, events: [], isRepeated: true },
  {
    args: ['sentry-reports.cjs', 'captures', 'with-locals'],
    ends: 0,
    reports: 2,
    events: [],
  },
  { args: ['sentry-reports.cjs', 'exits'], ends: 3, reports: 0, events: ['exit'], isRepeated: true },
  { args: ['sentry-express-answers-errors.cjs'], ends: 0, reports: 3, events: [], isRepeated: true },
  // It answers as many errors before.
  { args: ['sentry-express-answers-errors.cjs', 'dies'], ends: 1, reports: 4, events: ['uncaught', 'exit'] },
];

describe('Sentry receives the same with the probe', { concurrency: 2 }, () => {
  for (const [app, node] of matrix(tested(APPS_OF_SENTRY), nodeBinaries())) {
    test(`Node ${node.version}: ${app.args.join(' ')}`, async () => {
      const { plain, probed, reported } = await runReportingApp(node, app.args);
      assert.equal(plain.code, app.ends, plain.stderr);
      assert.deepEqual(seen(probed), seen(plain));
      assert.equal(reported.plain.filter(({ exception }) => exception !== undefined).length, app.reports);
      assert.deepEqual(reported.probed, reported.plain);
      assert.deepEqual(
        probed.records.map(({ event }) => event),
        app.events,
      );
    });
  }
});
