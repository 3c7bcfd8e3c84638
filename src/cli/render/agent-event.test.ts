import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAgentEvent } from './agent-event.ts';
import { colorsFor } from './colors.ts';

test('run prints a command to copy after a capture', () => {
  const hint = (...args: readonly string[]) => `./crashmon ${args.join(' ')} --state-dir /x`;
  const colors = colorsFor({}, false);
  const said = renderAgentEvent({ event: 'report', runId: 'abcd', hasStack: true }, 'shop', hint, colors);
  assert.equal(said, 'captured with its call stack: ./crashmon show abcd --state-dir /x');
  const ended = {
    event: 'ended',
    runId: 'abcd',
    status: { type: 'code', code: 1 },
    verdict: { counted: true, suspected: false, kind: 'exception', reason: { code: 'uncaught-exception' } },
    uptimeMs: 1000,
    crashesInWindow: 5,
    armAfter: 3,
    windowMs: 3_600_000,
    captured: true,
    state: 'cooling-down',
    cooldownUntilMs: null,
    noCapture: null,
  } as const;
  assert.equal(
    renderAgentEvent(ended, 'shop', hint, colors),
    'shop crashed after 1 s: exit 1: uncaught exception; 5 crashes in 1 h; captured; the report will follow: ./crashmon show abcd --state-dir /x',
  );
  const without = renderAgentEvent({ event: 'report', runId: 'abcd', hasStack: false }, 'shop', hint, colors);
  assert.equal(without, 'captured without a call stack: ./crashmon show abcd --state-dir /x');
  const read = renderAgentEvent({ event: 'last-words', runId: 'abcd', hasStack: true }, 'shop', hint, colors);
  assert.equal(read, 'call stack read from standard error: ./crashmon show abcd --state-dir /x');
  const impossible = {
    ...ended,
    captured: false,
    state: 'watching',
    noCapture: { why: 'runtime', runtime: 'deno', code: 1 },
  } as const;
  assert.equal(
    renderAgentEvent(impossible, 'shop', hint, colors),
    'shop crashed after 1 s: exit 1: uncaught exception; 5 crashes in 1 h; no capture possible: ' +
      'Deno has no probe, and crashmon reads the exception that it prints',
  );
});

test('a service that ran before crashmon came was not started', () => {
  const started = {
    event: 'started',
    runId: 'abcd',
    pid: 7,
    state: 'watching',
    armed: false,
    restarts: 2,
    program: null,
  } as const;
  const text = (event: Parameters<typeof renderAgentEvent>[0]) =>
    renderAgentEvent(event, 'shop', () => '', colorsFor({}, false));
  assert.equal(text(started), 'shop started (restart 2), pid 7');
  assert.equal(text({ ...started, alreadyRunning: true }), 'shop is already running (2 restarts), pid 7');
  assert.equal(text({ ...started, restarts: 0, alreadyRunning: true }), 'shop is already running, pid 7');
});
