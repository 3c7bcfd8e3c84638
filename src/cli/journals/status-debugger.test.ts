import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runVerb } from '../../../test/support/cli/run-verb.ts';
import { withJournal } from '../../../test/support/cli/sample-state.ts';
import { assertGolden } from '../../../test/support/golden.ts';
import { NOON_MS, sampleRun } from '../../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import type { AgentRecord, DebuggerState } from '../../journal/documents.ts';
import { readProcessStat } from '../../worker/process-info.ts';

const STATES: Record<string, DebuggerState | undefined> = {
  'attached-app': { state: 'attached', reason: null },
  'hostile-app': { state: 'not-attached', reason: 'a reason\u001b[2J\nof a damaged journal' },
  'go-app': {
    state: 'not-attached',
    reason: 'Go programs are not traced: their scheduler’s signals make a debugger costly',
  },
  'off-app': { state: 'off', reason: null },
  'silent-app': undefined,
  'waiting-app': { state: 'waiting', reason: null },
};

/** An app that runs (as this process) under a crashmon, which may have been killed. */
function runningApp(
  stateDir: string,
  app: string,
  state: DebuggerState | undefined,
  { supervised = true, armed = true } = {},
) {
  withJournal(stateDir, app, 'web-1', (journal) => {
    const startTicks = readProcessStat(process.pid)?.startTicks ?? null;
    journal.recordIntent(sampleRun(1, { id: 'beef00000001', armed }));
    journal.recordStarted('beef00000001', process.pid, startTicks);
    const agent: AgentRecord = {
      pid: process.pid,
      startTicks: supervised ? startTicks : 1,
      startedAtMs: NOON_MS,
      restarts: 0,
      state: 'armed',
      ...(state === undefined ? {} : { debugger: state }),
    };
    journal.saveAgent(agent);
  });
}

test('status says whether a debugger is attached, and why not', () => {
  using stateDir = temporaryDirectory();
  for (const [app, state] of Object.entries(STATES)) runningApp(stateDir.path, app, state);
  const { stdout } = runVerb(stateDir.path, ['status']);
  assertGolden('cli/status-debugger.txt', stdout);
  assert.ok(stdout.split('\n').every((text) => text.length <= 80));
  const { apps } = JSON.parse(runVerb(stateDir.path, ['status', '--json']).stdout);
  for (const app of apps) assert.deepEqual(app.debugger, STATES[app.app] ?? null, app.app);
});

test('the debugger is not shown if crashmon is not running or the worker is not armed', () => {
  using stateDir = temporaryDirectory();
  runningApp(stateDir.path, 'shop', { state: 'attached', reason: null }, { supervised: false });
  runningApp(stateDir.path, 'api', { state: 'waiting', reason: null }, { armed: false });
  assert.doesNotMatch(runVerb(stateDir.path, ['status']).stdout, /debugger/);
  assert.match(runVerb(stateDir.path, ['status', '--json']).stdout, /"debugger": null/);
});

test('status says that the debugger is off before a worker is armed', () => {
  using stateDir = temporaryDirectory();
  runningApp(stateDir.path, 'shop', { state: 'off', reason: null }, { armed: false });
  assert.match(runVerb(stateDir.path, ['status']).stdout, /debugger off: native crashes/);
});

test('an armed app without crashmon is captured only once crashmon runs again', () => {
  using stateDir = temporaryDirectory();
  runningApp(stateDir.path, 'shop', undefined, { supervised: false });
  runVerb(stateDir.path, ['arm', 'shop']);
  const { stdout } = runVerb(stateDir.path, ['status']);
  assert.match(stdout, /once crashmon runs again, the next crash will be captured/);
  assert.match(stdout, /crashmon is not running: the worker keeps running/);
});
