import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { KeptMemory } from '../../src/debugger/kept-memory.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEEPER = path.join(CHECKOUT, 'src/debugger/built', `memory-keeper-${process.arch}`);

/** A process that waits, and the address of its last byte, before which is the name of its program. */
async function waiting(): Promise<{ child: ChildProcess; end: bigint }> {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.write('x');
  await once(child.stdout, 'data');
  const maps = readFileSync(`/proc/${child.pid}/maps`, 'utf8');
  return { child, end: BigInt(`0x${/-([0-9a-f]+) .*\[stack\]/.exec(maps)?.[1]}`) };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function textAt(fd: number, address: bigint): string {
  const bytes = Buffer.alloc(12);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, address));
}

describe('memory of a process that has ended', { concurrency: true }, () => {
  test('is readable until it is given back, one at a time', async () => {
    const { child, end: stackEnd } = await waiting();
    const slot = { newest: null };
    const kept = await KeptMemory.of(child.pid ?? 0, performance.now() + 60_000, slot);
    assert.ok(kept instanceof KeptMemory, String(kept));
    assert.equal(await KeptMemory.of(process.pid, performance.now() + 60_000, slot), 'one-at-a-time');
    const other = openSync(`/proc/${child.pid}/mem`, 'r');
    await end(child);
    assert.ok(kept.claim());
    assert.match(textAt(kept.files.memory, stackEnd - 12n), /cat/);
    kept.release();
    while (textAt(other, stackEnd - 12n) !== '') await new Promise((resolve) => setTimeout(resolve, 5));
    closeSync(other);
  });

  test('is given back at the end of the input, and when memory is short', async () => {
    await using directory = await temporaryDirectory('cgroup');
    const stat = path.join(directory.path, 'memory.stat');
    writeFileSync(stat, 'anon 100\nfile 5000\nshmem 50\n');
    const { child, end: stackEnd } = await waiting();
    const memory = openSync(`/proc/${child.pid}/mem`, 'r');
    const start = async (...limits: string[]) => {
      const args = [(stackEnd - 1n).toString(16), '60', ...limits];
      const keeper = spawn(KEEPER, args, { stdio: ['pipe', 'pipe', 'ignore', memory] });
      const exited = once(keeper, 'exit');
      return { keeper, exited, kept: await Promise.race([once(keeper.stdout as Readable, 'data'), exited]) };
    };
    const ofInput = await start('0');
    assert.equal(String(ofInput.kept[0]), 'kept\n');
    const ofGroup = await start('0', directory.path, '150');
    assert.equal(String(ofGroup.kept[0]), 'kept\n');
    await end(child);
    assert.match(textAt(memory, stackEnd - 12n), /cat/);
    ofInput.keeper.stdin?.end();
    assert.deepEqual((await ofInput.exited)[0], 0);
    assert.match(textAt(memory, stackEnd - 12n), /cat/);
    writeFileSync(stat, 'anon 101\nfile 5000\nshmem 50\n');
    assert.deepEqual((await ofGroup.exited)[0], 4);
    assert.equal(textAt(memory, stackEnd - 12n), '');
    assert.deepEqual((await (await start(String(2 ** 60))).exited)[0], 4);
    closeSync(memory);
  });
});
