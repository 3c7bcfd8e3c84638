import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { unsuitableProgram, unsuitableRuntime } from '../../src/worker/unsuitable-runtime.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { processorMs } from '../support/processor-time.ts';
import { runProgram, startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const PLAIN = await compiler.compile('has-go-note.c', ['-DPLAIN']);

/** The answer for the running process; for its file it must be the same where it can be. */
async function ofRunning(program: string, file: string | null = program): Promise<string | null> {
  await using worker = startProgram(program, [], { input: 'open' });
  await worker.waitForLine('stdout', /^ready$/);
  const reason = unsuitableRuntime(worker.pid);
  if (file !== null) assert.equal(unsuitableProgram(file), reason);
  return reason;
}

test('a C program, Node and a script are traced', async () => {
  assert.equal(await ofRunning(PLAIN), null);
  assert.equal(unsuitableRuntime(process.pid), null);
  assert.equal(unsuitableProgram(process.execPath), null);
  assert.equal(unsuitableProgram(import.meta.filename), null);
});

test('a Go program is not traced, recognized by its note or by its build information, stripped or not', async () => {
  const reason = /^Go programs are not traced: [^\n]+[^.]$/;
  const noted = await compiler.compile('has-go-note.c', []);
  assert.match((await ofRunning(noted)) ?? '', reason);
  const informed = await compiler.compile('has-go-note.c', ['-DPLAIN', '-DBUILD_INFO']);
  assert.match((await ofRunning(informed)) ?? '', reason);
  for (const program of [noted, informed]) {
    assert.equal((await runProgram('strip', [program])).code, 0);
    assert.match((await ofRunning(program)) ?? '', reason);
  }
});

test('a Go program is known by what runs, also where its file is gone', async () => {
  await using directory = await temporaryDirectory('go');
  const program = path.join(directory.path, 'shop');
  copyFileSync(await compiler.compile('has-go-note.c', ['-static']), program);
  await using worker = startProgram(program, [], { input: 'open' });
  await worker.waitForLine('stdout', /^ready$/);
  await runProgram('rm', [program]);
  assert.match(unsuitableRuntime(worker.pid) ?? '', /^Go /);
  assert.equal(unsuitableProgram(program), null);
});

test('a JVM is not traced, recognized by its name or by its library', async () => {
  await using directory = await temporaryDirectory('java');
  const java = path.join(directory.path, 'java');
  copyFileSync(PLAIN, java);
  assert.match((await ofRunning(java)) ?? '', /^Java programs are not traced: [^\n]+[^.]$/);
  const link = path.join(directory.path, 'server');
  symlinkSync(java, link);
  assert.match((await ofRunning(link)) ?? '', /^Java /);

  const library = path.join(directory.path, 'libjvm.so');
  const empty = path.join(directory.path, 'empty.c');
  writeFileSync(empty, 'int jvm;');
  assert.equal((await runProgram('gcc', ['-shared', '-fPIC', '-o', library, empty])).code, 0);
  await using launcher = startProgram(PLAIN, [], { input: 'open', env: { LD_PRELOAD: library } });
  await launcher.waitForLine('stdout', /^ready$/);
  assert.match(unsuitableRuntime(launcher.pid) ?? '', /^Java /);
});

test('a program of .NET is not traced, recognized by its name, or as a host of its own before it loads the runtime', async () => {
  await using directory = await temporaryDirectory('dotnet');
  const reason = /^\.NET programs are not traced: [^\n]+[^.]$/;
  const dotnet = path.join(directory.path, 'dotnet');
  copyFileSync(PLAIN, dotnet);
  assert.match((await ofRunning(dotnet)) ?? '', reason);
  const host = path.join(directory.path, 'shop');
  const source = path.join(directory.path, 'host.c');
  const mark = '8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae'.replaceAll(/../g, '0x$&,');
  writeFileSync(
    source,
    `#include <stdio.h>\nunsigned char mark[] = {${mark}};\nint main(void) { puts("ready"); fflush(stdout); return getchar() + mark[0]; }`,
  );
  assert.equal((await runProgram('gcc', ['-o', host, source])).code, 0);
  assert.match((await ofRunning(host)) ?? '', reason);
});

test('what is no program, or is gone, is nothing, and nothing waits', async () => {
  await using directory = await temporaryDirectory('runtime');
  const fifo = path.join(directory.path, 'fifo');
  assert.equal((await runProgram('mkfifo', [fifo])).code, 0);
  mkdirSync(path.join(directory.path, 'folder'));
  for (const file of [fifo, path.join(directory.path, 'folder'), '/nowhere/at/all', '', '/dev/zero']) {
    assert.equal(unsuitableProgram(file), null, file);
  }
  await using ended = startProgram('true', []);
  await ended.exited;
  assert.equal(unsuitableRuntime(ended.pid), null);
  assert.equal(unsuitableRuntime(-1), null);
});

test('damaged programs are an answer or nothing, soon', async () => {
  await using directory = await temporaryDirectory('runtime');
  const file = path.join(directory.path, 'damaged');
  const whole = readFileSync(await compiler.compile('has-go-note.c', []));
  const damage = fc.array(
    fc.record({ at: fc.integer({ min: 16, max: 1200 }), byte: fc.integer({ min: 0, max: 255 }) }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(damage, fc.integer({ min: 0, max: whole.length }), (changes, length) => {
      const bytes = Buffer.from(whole.subarray(0, length));
      for (const { at, byte } of changes) if (at < length) bytes[at] = byte;
      writeFileSync(file, bytes);
      const usedMs = processorMs(() => {
        unsuitableProgram(file);
      });
      assert.ok(usedMs < 1000);
    }),
    { numRuns: 300 },
  );
});
