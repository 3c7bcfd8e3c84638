import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CandidateRecord } from '../../../src/model/probe-record.ts';
import { matrix, tested } from '../../support/matrix.ts';
import { nodeBinaries } from '../../support/node-versions.ts';
import { runApp, seen } from './run-app.ts';

type App = {
  args: readonly string[];
  ends: number | string;
  events: readonly CandidateRecord['event'][];
  /** Innermost function of the first record. */
  top?: string;
  /** Fastify 5 and what belongs to it ask for 20. */
  since?: number;
  isRepeated?: true;
};

const handled = { ends: 0, events: [] } as const;
const signalExit = (way: string) => ['signal-exit-cleans-up.cjs', way];

const THEY: readonly App[] = [
  { args: ['express-answers-errors.cjs'], ...handled },
  { args: ['express-dies.cjs'], ends: 1, events: ['uncaught'], top: 'priceOf', isRepeated: true },
  { args: ['express-dies.cjs', 'rejection'], ends: 1, events: ['rejection'], top: 'load' },
  { args: ['fastify-answers-errors.mjs'], ...handled, since: 20 },
  { args: ['fastify-dies.mjs'], ends: 1, events: ['uncaught'], top: 'priceOf', since: 20 },
  {
    args: ['fastify-dies.mjs', 'rejection'],
    ends: 1,
    events: ['rejection'],
    top: 'load',
    since: 20,
    isRepeated: true,
  },
  { args: ['pino-http-logs-errors.cjs'], ...handled },
  {
    args: ['pino-logs-and-exits.cjs', 'throws'],
    ends: 1,
    events: ['uncaught', 'exit'],
    top: 'Immediate.fail',
    isRepeated: true,
  },
  {
    args: ['pino-logs-and-exits.cjs', 'rejects'],
    ends: 1,
    events: ['handled-rejection', 'exit'],
    top: 'fail',
  },
  {
    args: ['pino-logs-and-exits.cjs', 'throws', 'transport'],
    ends: 1,
    events: ['uncaught', 'exit'],
    top: 'Immediate.fail',
  },
  { args: ['winston-logs.cjs', 'exits', 'throws'], ends: 1, events: ['uncaught', 'exit'], isRepeated: true },
  {
    args: ['winston-logs.cjs', 'exits', 'rejects'],
    ends: 1,
    events: ['handled-rejection', 'exit'],
  },
  { args: ['winston-logs.cjs', 'lives', 'throws'], ends: 0, events: ['uncaught'] },
  {
    args: ['winston-logs.cjs', 'lives', 'rejects'],
    ends: 0,
    events: ['handled-rejection'],
    isRepeated: true,
  },
  { args: signalExit('ends'), ...handled, isRepeated: true },
  { args: signalExit('throws'), ends: 1, events: ['uncaught'], top: 'Immediate.throws' },
  { args: signalExit('rejects'), ends: 1, events: ['rejection'], top: 'Immediate.rejects', isRepeated: true },
  { args: signalExit('exits'), ends: 3, events: ['exit'], top: 'Immediate.exits' },
  { args: signalExit('sets-the-code'), ends: 4, events: ['exit'], isRepeated: true },
  { args: signalExit('is-terminated'), ends: 'SIGTERM', events: [] },
  { args: signalExit('is-loaded-no-more'), ends: 5, events: ['exit'], top: 'Immediate.is-loaded-no-more' },
];

describe('apps do the same with the probe', { concurrency: 2 }, () => {
  for (const [app, node] of matrix(
    tested(THEY),
    nodeBinaries(),
    ({ since = 0 }, { version }) => version >= since,
  )) {
    test(`Node ${node.version}: ${app.args.join(' ')}`, async () => {
      const { plain, probed } = await runApp(node, app.args);
      assert.equal(plain.signal ?? plain.code, app.ends, plain.stderr);
      assert.deepEqual(seen(probed), seen(plain));
      assert.deepEqual(
        probed.records.map(({ event }) => event),
        app.events,
      );
      if (app.top === undefined) return;
      const [first] = probed.records;
      assert.equal((first?.thrown?.frames ?? first?.callerFrames)?.[0]?.function, app.top);
    });
  }
});
