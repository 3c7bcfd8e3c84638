import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldIn, isIdleRing, isSeenByOthers, kilobytesIn, RING } from './memory-facts.ts';
import { parseMemoryMap } from './memory-map.ts';

test('sizes', () => {
  assert.equal(kilobytesIn('Name:\tx\nVmRSS:\t    12 kB\n', 'VmRSS'), 12_288);
  assert.equal(kilobytesIn('Name:\tVmRSS:\n', 'VmRSS'), null);
  assert.equal(heldIn('anon 5\nfile 100\nshmem 2\nanon_thp 50\n'), 7);
  assert.equal(heldIn(''), null);
});

test('what others see as in use for as long as it is mapped', () => {
  const names = [
    '/SYSV00000000 (deleted)',
    '/[aio] (deleted)',
    'socket:[12]',
    'anon_inode:[perf_event]',
    '/dev/nvidia0',
  ];
  const harmless = [
    '',
    '[heap]',
    RING,
    '/usr/lib/libc.so.6',
    '/dev/zero (deleted)',
    '/dev/shm/a',
    '/srv/dev/x',
  ];
  const seen = [...names, ...harmless].filter((name) => {
    const [mapping] = parseMemoryMap(`7f0000000000-7f0000001000 rw-s 00000000 00:01 5   ${name}`);
    assert.equal(mapping?.name, name);
    return isSeenByOthers(mapping);
  });
  assert.deepEqual(seen, names);
});

test('an io_uring that keeps nothing open', () => {
  const text = (files: number, polls: string) =>
    `pos:\t0\nUserFiles:\t${files}\nUserBufs:\t0\nPollList:\n${polls}CqOverflowList:\nNAPI:\tdisabled\n`;
  assert.ok(isIdleRing(text(0, '')));
  assert.ok(!isIdleRing(text(1, '')));
  assert.ok(!isIdleRing(text(0, '  op=6, task_works=0\n')));
  assert.ok(!isIdleRing('pos:\t0\n'));
});
