import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadAddon } from '../../src/host/addon.ts';
import { startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const BLOCKS = 20_000;
const BLOCK_BYTES = 3_000;
const KEPT_EVERY = 1_000;
const RECEIVES = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
print(s.recv(100).decode(), flush=True)`;

test('what was freed between what lives on goes back to the system', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const blocks = Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES).fill(1));
  const kept = blocks.filter((_, index) => index % KEPT_EVERY === 0);
  blocks.length = 0;
  collect();
  // Threads of V8 free buffers after a collection; the next one waits for them.
  collect();
  const before = process.memoryUsage.rss();
  loadAddon().releaseMemory?.();
  const released = before - process.memoryUsage.rss();
  assert.ok(released > (BLOCKS * BLOCK_BYTES) / 2, `${released} bytes`);
  assert.ok(kept.every((block) => block[0] === 1));
});

test('pages of the executable that were used once are unmapped, and come back when they are used', () => {
  const mappedKb = () =>
    Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const before = mappedKb();
  loadAddon().releaseMemory?.();
  assert.ok(before - mappedKb() > 5_000);
  assert.equal(runInNewContext('JSON.stringify([..."ab"].map((x) => x + 1))'), '["a1","b1"]');
});

test("systemd's watchdog is fed", async () => {
  await using directory = await temporaryDirectory('watchdog');
  const socket = path.join(directory.path, 'notify');
  await using systemd = startProgram('python3', ['-c', RECEIVES, socket]);
  await systemd.waitForLine('stdout', /bound/);
  delete process.env.NOTIFY_SOCKET;
  assert.equal(loadAddon().feedWatchdog?.(), false);
  process.env.NOTIFY_SOCKET = socket;
  assert.equal(loadAddon().feedWatchdog?.(), true);
  await systemd.waitForLine('stdout', /^WATCHDOG=1$/);
  delete process.env.NOTIFY_SOCKET;
});
