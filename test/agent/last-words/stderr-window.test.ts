import assert from 'node:assert/strict';
import { ftruncateSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { StderrChannel } from '../../../src/agent/stderr-channel.ts';
import { Outlet } from '../../../src/worker/outlet.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const KB = 1024;

/** An outlet that nothing reads. */
class Nowhere extends Outlet {
  constructor() {
    super(-1);
  }

  override async write(): Promise<void> {}
}

async function withChannel(use: (channel: StderrChannel) => void): Promise<void> {
  await using directory = await temporaryDirectory('stderr');
  const channel = StderrChannel.open(directory.path, process.getuid?.() ?? 0, new Nowhere());
  try {
    use(channel);
  } finally {
    await channel.end();
    channel[Symbol.dispose]();
  }
}

test('the end of standard error is 64 KB before the restart, and a megabyte after it', () =>
  withChannel((channel) => {
    writeSync(channel.fd, 'run before\n');
    channel.beginRun();
    writeSync(channel.fd, `${'a'.repeat(300 * KB)}end`);
    const tail = channel.tail();
    assert.equal(tail.bytes.length, 64 * KB);
    assert.ok(Math.abs(Date.now() - tail.writtenAtMs) < 60_000);
    // The next run is no part of it.
    channel.beginRun();
    writeSync(channel.fd, 'next run\n');
    const more = tail.more();
    assert.equal(more?.bytes.toString(), `${'a'.repeat(300 * KB)}end`);
    assert.equal(more?.offset, 'run before\n'.length);
  }));

test('at most a megabyte, and nothing where there is no more', () =>
  withChannel((channel) => {
    channel.beginRun();
    writeSync(channel.fd, 'short\n');
    assert.equal(channel.tail().more(), null);
    writeSync(channel.fd, 'b'.repeat(3 * 1024 * KB));
    assert.equal(channel.tail().more()?.bytes.length, 1024 * KB);
  }));

test('what the next worker emptied and filled again is not taken for it', () =>
  withChannel((channel) => {
    channel.beginRun();
    writeSync(channel.fd, 'c'.repeat(200 * KB));
    const tail = channel.tail();
    ftruncateSync(channel.fd, 0);
    assert.equal(tail.more(), null);
    writeSync(channel.fd, 'd'.repeat(400 * KB));
    assert.equal(tail.more(), null);
  }));
