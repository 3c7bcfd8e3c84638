import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coreSignal, type DumpedExit, matchingCore } from './matching-core.ts';

const EXIT: DumpedExit = {
  ...{ pid: 191, bootId: 'ff4c', signal: 'SIGSEGV', executable: '/srv/shop' },
  ...{ startedAtMs: 1_000_000, diedAtMs: 1_060_500 },
};
const CORE = {
  ...{ pid: 191, bootId: 'ff4c', signal: 'SIGSEGV', executable: '/srv/shop', atMs: 1_060_000 },
  ...{ frames: [], cut: false },
};

test('a core dump counts only if it can be of no other process than the one that ended', () => {
  for (const changes of [
    {},
    { bootId: null },
    { executable: null },
    { executable: '/srv/shop (deleted)' },
    { atMs: 1_000_000 },
  ])
    assert.ok(matchingCore([{ ...CORE, ...changes }], EXIT), JSON.stringify(changes));
  for (const changes of [
    { pid: 192 },
    { bootId: 'ab12' },
    { signal: 'SIGABRT' },
    { executable: '/srv/other' },
    // Of earlier and later processes with this ID.
    { atMs: 990_000 },
    { atMs: 1_070_000 },
  ])
    assert.equal(matchingCore([{ ...CORE, ...changes }], EXIT), null, JSON.stringify(changes));
  assert.equal(matchingCore([CORE, { ...CORE, atMs: 1_050_000 }], EXIT), null);
  assert.equal(matchingCore([CORE, { ...CORE, pid: 7 }], EXIT), CORE);
});

test('which exits dump core', () => {
  assert.equal(coreSignal({ type: 'signal', signal: 'SIGABRT' }), 'SIGABRT');
  assert.equal(coreSignal({ type: 'code', code: 139 }), 'SIGSEGV');
  for (const status of [
    { type: 'signal', signal: 'SIGKILL' },
    { type: 'code', code: 137 },
    { type: 'code', code: 1 },
    { type: 'unknown' },
  ] as const)
    assert.equal(coreSignal(status), null);
});
