import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wayOf } from '../plan/ways.ts';
import { parseKernelDeaths } from './kernel-deaths.ts';
import { workerLives } from './worker-lives.ts';

const BOOTED_S = 1_000_000;

/** As acct(5) lays it out. */
function record(pid: number, status: number, startedS: number, tookS: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt8(3, 1);
  bytes.writeUInt32LE(status, 4);
  bytes.writeUInt32LE(pid, 16);
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt32LE(BOOTED_S + startedS, 24);
  bytes.writeFloatLE(tookS * 100, 28);
  bytes.write('node', 48);
  return bytes;
}

test('what the kernel noted is read: exit codes, signals, times', () => {
  const bytes = Buffer.concat([record(7, 3 << 8, 10, 1.5), record(8, 6, 11, 2), record(9, 0x8b, 12, 3)]);
  const deaths = parseKernelDeaths(bytes, BOOTED_S);
  assert.deepEqual(
    deaths.map(({ ending }) => ending),
    [{ code: 3 }, { signal: 'SIGABRT' }, { signal: 'SIGSEGV' }],
  );
  const [first] = deaths;
  assert.deepEqual([first?.pid, first?.command, first?.startedS, first?.tookS], [7, 'node', 10, 1.5]);
});

test('a worker is joined with its own death, also where its process ID comes again', () => {
  const kernel = parseKernelDeaths(Buffer.concat([record(7, 3 << 8, 10, 1), record(7, 9, 500, 2)]), BOOTED_S);
  const lives = workerLives(
    {
      starts: [
        ['7', '10.2'],
        ['7', '500.4'],
        ['8', '510'],
      ],
      deaths: [['1', '7', 'node', 'exit']],
      calmed: [['8']],
    },
    kernel,
  );
  assert.deepEqual(
    lives.map(({ way, death, calm }) => [way, death?.ending ?? null, death?.endedS ?? null, calm]),
    [
      [wayOf('node', 'exit'), { code: 3 }, 11.2, false],
      [null, { signal: 'SIGKILL' }, 502.4, false],
      [null, null, null, true],
    ],
  );
});
