import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAgentEvent } from './agent-event.ts';
import { colorsFor } from './colors.ts';

test('run prints a command to copy after a capture', () => {
  const hint = (...args: readonly string[]) => `./crashmon ${args.join(' ')} --state-dir /x`;
  const context = { hint, colors: colorsFor({}, false), said: new Set<string>() };
  const said = renderAgentEvent(
    { event: 'report', runId: 'abcd', title: 'TypeError in pay (shop.js)', hasStack: true, hasMemory: false },
    'shop',
    context,
  );
  assert.equal(
    said,
    'captured with its call stack, TypeError in pay (shop.js): ./crashmon show abcd --state-dir /x',
  );
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
    renderAgentEvent(ended, 'shop', context),
    'shop crashed after 1 s: exit 1: uncaught exception; 5 crashes in 1 h; captured; the report will follow: ./crashmon show abcd --state-dir /x',
  );
  const event = { event: 'report', runId: 'abcd', title: null, hasStack: false } as const;
  const memory = renderAgentEvent({ ...event, hasMemory: true }, 'shop', context);
  assert.equal(memory, 'captured with what filled its memory: ./crashmon show abcd --state-dir /x');
  const without = renderAgentEvent({ ...event, hasMemory: false }, 'shop', context);
  assert.equal(without, 'captured without a call stack: ./crashmon show abcd --state-dir /x');
  const read = renderAgentEvent(
    { event: 'last-words', runId: 'abcd', title: 'KeyError', hasStack: true },
    'shop',
    context,
  );
  assert.equal(read, 'call stack read from standard error, KeyError: ./crashmon show abcd --state-dir /x');
  const impossible = {
    ...ended,
    captured: false,
    state: 'watching',
    noCapture: { why: 'runtime', runtime: 'deno', code: 1 },
  } as const;
  assert.equal(
    renderAgentEvent(impossible, 'shop', context),
    'shop crashed after 1 s: exit 1: uncaught exception; 5 crashes in 1 h; no capture possible: ' +
      'Deno has no probe, and crashmon reads the exception that it prints',
  );
  // Why is said once for each app; what it printed last is not read yet.
  const again = { ...impossible, verdict: { ...ended.verdict, reason: { code: 'unknown' } } } as const;
  assert.equal(
    renderAgentEvent(again, 'shop', context),
    'shop crashed after 1 s: exit 1: cause not known yet; 5 crashes in 1 h; still no capture possible',
  );
  assert.match(renderAgentEvent(again, 'api', context), /no capture possible: Deno has no probe/);
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
    renderAgentEvent(event, 'shop', { hint: () => '', colors: colorsFor({}, false), said: new Set() });
  assert.equal(text(started), 'shop started (restart 2), pid 7');
  assert.equal(text({ ...started, alreadyRunning: true }), 'shop is already running (2 restarts), pid 7');
  assert.equal(text({ ...started, restarts: 0, alreadyRunning: true }), 'shop is already running, pid 7');
});
