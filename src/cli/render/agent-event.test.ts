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
