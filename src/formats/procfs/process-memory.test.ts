import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { AT_PHNUM, AT_SYSINFO_EHDR, parseAuxiliaryVector } from '../elf/auxiliary-vector.ts';
import { parseMemoryMap } from './memory-map.ts';
import { hasSignal, parseProcessStatus } from './process-status.ts';
import { parseSignalInfo } from './signal-info.ts';

test('mappings, with the names that a file may have', () => {
  const text = [
    '55ad1ee7c000-55ad1ee7d000 r--p 00001000 fe:01 262150                     /srv/my app\\012x (deleted)',
    '7ffe5da08000-7ffe5da29000 rw-p 00000000 00:00 0                          [stack]',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
    '7f0000000000-7f0000001000 rw-s 00000000 00:00 0 ',
    '7f00-cut',
  ].join('\n');
  const mappings = parseMemoryMap(text);
  assert.deepEqual(mappings[0], {
    start: 0x55ad1ee7c000n,
    end: 0x55ad1ee7d000n,
    readable: true,
    writable: false,
    executable: false,
    offset: 0x1000n,
    inode: 262150n,
    name: '/srv/my app\nx (deleted)',
  });
  assert.deepEqual(
    mappings.map(({ name }) => name),
    ['/srv/my app\nx (deleted)', '[stack]', '[vsyscall]', ''],
  );
  assert.equal(mappings[2]?.end, 0xffff_ffff_ff60_1000n);
});

test('what the kernel says of this very process', () => {
  const mappings = parseMemoryMap(readFileSync('/proc/self/maps', 'utf8'));
  assert.ok(mappings.length > 10);
  assert.ok(mappings.some(({ name, executable }) => name === process.execPath && executable));
  const status = parseProcessStatus(readFileSync('/proc/self/status', 'latin1'));
  assert.ok(status !== null && status.tracerPid === 0 && status.threads > 1);
  assert.equal(status.uid, process.geteuid?.());
  const auxv = parseAuxiliaryVector(readFileSync('/proc/self/auxv'));
  assert.ok((auxv.get(AT_PHNUM) ?? 0n) > 0n && auxv.has(AT_SYSINFO_EHDR));
});

test('signal sets count from 1', () => {
  const status = parseProcessStatus(
    'Name:\tState:\nState:\tt (tracing stop)\nTracerPid:\t9\nUid:\t1\t2\t3\t4\nThreads:\t3\n' +
      'SigPnd:\t0000000000040000\nShdPnd:\t0000000000000001\nSigCgt:\t8000000000000400\n',
  );
  assert.ok(status !== null);
  assert.deepEqual([status.state, status.tracerPid, status.uid, status.threads], ['t', 9, 2, 3]);
  assert.deepEqual(
    [hasSignal(status.pending, 19), hasSignal(status.pending, 1), hasSignal(status.pending, 2)],
    [true, true, false],
  );
  assert.deepEqual(
    [hasSignal(status.caught, 11), hasSignal(status.caught, 64), hasSignal(status.caught, 0)],
    [true, true, false],
  );
  assert.equal(parseProcessStatus('Name:\tx\n'), null);
});

test('signals of the kernel, of processes and of seccomp', () => {
  const info = (signal: number, code: number, fill: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(128));
    view.setInt32(0, signal, true);
    view.setInt32(8, code, true);
    fill(view);
    return parseSignalInfo(new Uint8Array(view.buffer));
  };
  const none = { faultAddress: null, senderPid: null, senderUid: null, systemCall: null };
  assert.deepEqual(
    info(11, 1, (view) => view.setBigUint64(16, 0x10n, true)),
    { ...none, signal: 11, code: 1, faultAddress: 0x10n },
  );
  assert.deepEqual(
    info(6, -6, (view) => {
      view.setInt32(16, 42, true);
      view.setUint32(20, 1000, true);
    }),
    { ...none, signal: 6, code: -6, senderPid: 42, senderUid: 1000 },
  );
  assert.deepEqual(
    info(31, 1, (view) => {
      view.setBigUint64(16, 0xabcn, true);
      view.setInt32(24, 110, true);
    }),
    { ...none, signal: 31, code: 1, systemCall: { number: 110, address: 0xabcn } },
  );
  assert.equal(parseSignalInfo(new Uint8Array(31)), null);
});

test('nothing breaks a parser', () => {
  const line = fc.stringMatching(/^[0-9a-f]{0,17}-[0-9a-f]{0,17} [r-][w-][x-][ps] [0-9a-f ]{0,20}.{0,20}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), line), fc.uint8Array({ maxLength: 300 }), (text, bytes) => {
      for (const { start, end } of parseMemoryMap(`${text}\n${text}`)) assert.ok(end > start);
      parseProcessStatus(text);
      parseProcessStatus(`State:\tS\nTracerPid:\t0\nUid:\t0\t0\nSigCgt:\t${text}`);
      parseAuxiliaryVector(bytes);
      parseSignalInfo(bytes);
    }),
  );
});
