import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import { readBuildId } from '../../src/formats/elf/build-id.ts';
import { findDynamicSymbol } from '../../src/formats/elf/dynamic-symbol.ts';
import { readLoadedImage } from '../../src/formats/elf/loaded-image.ts';
import { type NativeCompiler, nativeCompiler } from '../support/native/compile.ts';
import { readCoreAsSnapshot } from '../support/native/core-snapshot.ts';
import { crashed } from '../support/native/crashed.ts';
import { madeSnapshot } from '../support/native/made-snapshot.ts';
import { euStackFrames, gdbFrames } from '../support/native/unwind.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { DEBUG, STRIPPED } from './crashes.ts';

const run = promisify(execFile);

describe('a trimmed core', () => {
  let compiler: NativeCompiler;
  before(async () => {
    compiler = await nativeCompiler();
  });
  after(() => compiler[Symbol.asyncDispose]());

  test('holds neither arguments nor environment, which the full core holds', async () => {
    process.env.CRASHMON_TEST_SECRET = 'sesame-in-the-environment';
    try {
      const args = ['sesame-in-an-argument'];
      await using dead = await crashed(compiler, { fixture: 'reads-null.c', args, flags: DEBUG });
      const stack = dead.snapshot.mappings.find(({ name }) => name === '[stack]');
      assert.ok(stack !== undefined);
      const whole = dead.snapshot.readMemory(stack.start, Number(stack.end - stack.start));
      const trimmed = Buffer.concat(writeTrimmedCore(dead.snapshot).chunks);
      for (const secret of ['sesame-in-the-environment', 'sesame-in-an-argument']) {
        assert.ok(Buffer.from(whole).includes(secret), `the full core holds ${secret}`);
        assert.ok(!trimmed.includes(secret), `the trimmed core holds ${secret}`);
      }
    } finally {
      delete process.env.CRASHMON_TEST_SECRET;
    }
  });

  test('does not hold what glibc said', async () => {
    const fixture = { fixture: 'aborts.c', args: ['assert'], flags: DEBUG };
    await using dead = await crashed(compiler, fixture);
    const again = readCoreAsSnapshot(Buffer.concat(writeTrimmedCore(dead.snapshot).chunks));
    const libc = dead.snapshot.mappings.find(
      ({ name, offset }) => name.endsWith('/libc.so.6') && offset === 0n,
    );
    assert.ok(libc !== undefined);
    const { readMemory } = dead.snapshot;
    const variable = findDynamicSymbol(readMemory, readLoadedImage(readMemory, libc.start), '__abort_msg');
    assert.ok(variable !== null);
    assert.equal(again.readMemory(variable, 8).length, 0);
  });

  test('within a small limit still has the crashing thread’s frames', async () => {
    const fixture = { fixture: 'crashes-among-threads.c', args: ['64'], flags: DEBUG };
    await using dead = await crashed(compiler, fixture);
    const { chunks, sizeBytes, problems } = writeTrimmedCore(dead.snapshot, { maxBytes: 192 * 1024 });
    assert.ok(sizeBytes <= 192 * 1024);
    assert.deepEqual(problems, ['threads-left-out', 'size-limit']);
    const file = path.join(dead.directory, 'small');
    await writeFile(file, Buffer.concat(chunks));
    const frames = await gdbFrames(dead.executable, file);
    assert.deepEqual(frames, await gdbFrames(dead.executable, dead.core));
  });

  test('of a process that crashes in a library whose file is gone has the frames of the full core', async () => {
    const fixture = 'calls-deleted-library.c';
    const library = await compiler.compile(fixture, [...STRIPPED, '-DLIBRARY', '-shared', '-fPIC']);
    await using dead = await crashed(compiler, { fixture, args: [library], flags: DEBUG });
    const file = path.join(dead.directory, 'trimmed');
    await writeFile(file, Buffer.concat(writeTrimmedCore(dead.snapshot).chunks));
    const [full, trimmed] = await Promise.all([
      euStackFrames(dead.executable, dead.core),
      euStackFrames(dead.executable, file),
    ]);
    assert.match(full[0]?.join('\n') ?? '', /\(deleted\).* main /s);
    assert.deepEqual(trimmed, full);
    assert.deepEqual(await gdbFrames(dead.executable, file), await gdbFrames(dead.executable, dead.core));
  });

  test('has the same build IDs as readelf does', async () => {
    await using dead = await crashed(compiler, { fixture: 'reads-null.c', args: [], flags: DEBUG });
    const { stdout } = await run('readelf', ['-n', dead.executable]);
    const again = readCoreAsSnapshot(Buffer.concat(writeTrimmedCore(dead.snapshot).chunks));
    for (const { mappings, readMemory } of [dead.snapshot, again]) {
      const image = mappings.find(({ name, offset }) => name === dead.executable && offset === 0n);
      const id = readBuildId(readMemory, readLoadedImage(readMemory, image?.start ?? 0n));
      assert.ok(id !== null && stdout.includes(`Build ID: ${id}`));
    }
  });

  for (const hash of ['sysv', 'gnu']) {
    test(`symbols are found through a ${hash} hash table that ld wrote`, async () => {
      const flags = [...DEBUG, `-Wl,--hash-style=${hash}`, '-rdynamic'];
      await using dead = await crashed(compiler, { fixture: 'reads-null.c', args: [], flags });
      const { stdout } = await run('nm', ['-D', dead.executable]);
      const { mappings, readMemory } = dead.snapshot;
      const base = mappings.find(({ name }) => name === dead.executable)?.start ?? 0n;
      const image = readLoadedImage(readMemory, base);
      for (const name of ['main', 'checkout', 'total_of']) {
        const expected = new RegExp(`^([0-9a-f]+) T ${name}$`, 'm').exec(stdout)?.[1];
        assert.equal(findDynamicSymbol(readMemory, image, name), base + BigInt(`0x${expected}`));
      }
      assert.equal(findDynamicSymbol(readMemory, image, 'no_such_function'), null);
    });
  }

  test('of arm64 is understood by elfutils', async () => {
    await using directory = await temporaryDirectory('arm64');
    const file = path.join(directory.path, 'core');
    const registers = { 0: 0x1111n, 31: 0x7fff_0100n, 32: 0x40_0000n };
    const mappings = [{ start: 0x7fff_0000n, end: 0x7fff_2000n }];
    const snapshot = madeSnapshot({ machine: 'arm64', registers, mappings });
    await writeFile(file, Buffer.concat(writeTrimmedCore(snapshot).chunks));
    const { stdout } = await run('eu-readelf', ['-hn', file]);
    assert.match(stdout, /Machine:\s+AARCH64/i);
    assert.match(stdout, /x0:\s+4369\b/);
    assert.match(stdout, /sp:\s+0x0*7fff0100\b/);
    assert.match(stdout, /pc:\s+0x0*400000\b/);
  });
});
