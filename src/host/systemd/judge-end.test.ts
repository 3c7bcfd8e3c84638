import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyExit } from '../../policy/classify-exit.ts';
import { judgeEnd, type ProcessEnd } from './judge-end.ts';

type Row = [what: string, end: ProcessEnd, isCounted: boolean, reason: string];

const ends =
  (code: ProcessEnd['code'], stopping = false) =>
  (status: number, result: string): ProcessEnd => ({ code, status, result, stopping });
const exited = ends('exited');
const killed = ends('killed');
const dumped = ends('dumped');

// Each was tried on systemd 252; the result is what systemd said.
const TABLE: Row[] = [
  ['exit 1', exited(1, 'exit-code'), true, 'unknown'],
  ['a segmentation fault', killed(11, 'signal'), true, 'invalid-memory-access'],
  ['the same, where a handler takes core dumps', dumped(11, 'core-dump'), true, 'invalid-memory-access'],
  ['an abort', dumped(6, 'core-dump'), true, 'abort'],
  ['a bus error', killed(7, 'signal'), true, 'bus-error'],
  ['an illegal instruction', killed(4, 'signal'), true, 'illegal-instruction'],
  ['an arithmetic fault', killed(8, 'signal'), true, 'arithmetic-fault'],
  ['a trap', killed(5, 'signal'), true, 'trap'],
  ['a forbidden system call', dumped(31, 'core-dump'), true, 'forbidden-system-call'],
  ['SIGUSR1 without a handler', killed(10, 'signal'), true, 'unhandled-signal'],
  // As everywhere: another process sent it, and that is no crash.
  ['kill -9', killed(9, 'signal'), false, 'killed'],
  ['SIGQUIT', dumped(3, 'core-dump'), false, 'terminal-signal'],
  ['exit 0', exited(0, 'success'), false, 'normal'],
  ['SIGTERM from anywhere', killed(15, 'success'), false, 'accepted-by-supervisor'],
  ['SIGHUP', killed(1, 'success'), false, 'accepted-by-supervisor'],
  ['SIGPIPE', killed(13, 'success'), false, 'accepted-by-supervisor'],
  ['SuccessExitStatus=3', exited(3, 'success'), false, 'accepted-by-supervisor'],
  ['RestartForceExitStatus=3', exited(3, 'exit-code'), true, 'unknown'],
  ['the watchdog', killed(6, 'watchdog'), true, 'watchdog-abort'],
  ['RuntimeMaxSec', killed(15, 'timeout'), false, 'supervisor-timeout'],
  ['an OOM kill', killed(9, 'oom-kill'), true, 'oom-kill'],
  ['a stop', ends('killed', true)(15, 'success'), false, 'stop-requested'],
  ['a stop that ends in exit 4', ends('exited', true)(4, 'exit-code'), false, 'stop-requested'],
  ['a stop, then SIGKILL by TimeoutStopSec', ends('killed', true)(9, 'timeout'), false, 'stop-requested'],
  ['203/EXEC', exited(203, 'exit-code'), true, 'supervisor-cannot-start'],
  ['200/CHDIR', exited(200, 'exit-code'), true, 'supervisor-cannot-start'],
];

for (const [what, end, isCounted, reason] of TABLE) {
  test(`${what}: ${isCounted ? 'counts' : 'does not count'}`, () => {
    const { status, asked, because } = judgeEnd(end);
    const verdict = classifyExit(status, {
      ...{ asked: asked ? { what: 'stop', signal: null } : null, because, passedOn: [], oomKills: 0 },
      ...{ nodeTrailer: false, v8OutOfMemory: false, candidate: null, native: null, runtime: 'unknown' },
    });
    assert.deepEqual([verdict.counted, verdict.reason.code], [isCounted, reason]);
  });
}
