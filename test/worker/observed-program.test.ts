import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { executableOf, vouchersOf } from '../../src/agent/last-words/vouchers.ts';
import { ProgramWatch } from '../../src/agent/program-watch.ts';
import type { ObservedProgram } from '../../src/model/observed-program.ts';
import { fileId, observeProgram, programOfCommand } from '../../src/worker/observe-program.ts';
import { programBelow } from '../../src/worker/program-below.ts';
import { runtimeOfFile } from '../../src/worker/running-program.ts';
import { programBuilder } from '../support/last-words/program-builder.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PYTHON = '/usr/bin/python3';

test('of a process: executable, directory and arguments', async () => {
  await using place = await temporaryDirectory('cwd');
  const child = spawn(PYTHON, ['-c', 'print("ready", flush=True); input()', 'an argument'], {
    cwd: place.path,
  });
  await once(child.stdout, 'data');
  const program = observeProgram(child.pid ?? 0, 'python', 5);
  child.stdin.end('\n');
  await once(child, 'exit');
  assert.deepEqual(
    [program?.runtime, program?.pid, program?.cwd, program?.args.at(-1), program?.seenAtMs],
    ['python', child.pid, place.path, 'an argument', 5],
  );
  assert.match(program?.executable ?? '', /^\/usr\/bin\/python3\.\d+$/);
  assert.equal(program?.executableId, fileId(PYTHON));
  assert.equal(observeProgram(child.pid ?? 0, 'python', 5), null);
});

test('of a process that is just executing another program: nothing, or all of it', async () => {
  for (let round = 0; round < 50; round++) {
    const child = spawn('sh', ['-c', 'exec perl -e "sleep 60" argument']);
    let program: ObservedProgram | null = null;
    while (program === null || !program.executable.endsWith('/perl')) {
      program = observeProgram(child.pid ?? 0, 'perl', 5);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(program.args.at(-1), 'argument');
  }
});

test('of a JVM that cleans up while it starts: nothing until it is in its own directory again', async () => {
  await using place = await temporaryDirectory('jvm');
  const cwd = path.join(place.path, 'hsperfdata_ann');
  await mkdir(cwd);
  const script =
    'import os; print("ready", flush=True); input(); os.chdir(".."); print("back", flush=True); input()';
  await using child = startProgram(PYTHON, ['-c', script], { cwd, input: 'open' });
  await child.waitForLine('stdout', /^ready$/);
  const during = observeProgram(child.pid, 'java', 5);
  child.stdin.write('\n');
  await child.waitForLine('stdout', /^back$/);
  const program = observeProgram(child.pid, 'java', 5);
  assert.deepEqual([during, program?.cwd], [null, place.path]);
});

test('of a command: the program that it starts, and nothing of what only starts others', async () => {
  await using place = await temporaryDirectory('bin');
  await symlink(PYTHON, path.join(place.path, 'snake'));
  await writeFile(path.join(place.path, 'script'), '#!/bin/sh\nexec python3\n');
  await chmod(path.join(place.path, 'script'), 0o755);
  const found = (command: string[]) =>
    programOfCommand(command, { cwd: place.path, path: `${place.path}:/usr/bin:/bin`, startedAtMs: 1 });
  assert.deepEqual([found(['snake', 'x'])?.runtime, found(['snake', 'x'])?.pid], ['python', null]);
  assert.equal(found(['./snake'])?.runtime, 'python');
  assert.equal(found([process.execPath])?.runtime, 'node');
  for (const command of [['sh', '-c', 'snake'], ['env', 'snake'], ['script'], ['./script'], ['none'], ['']])
    assert.equal(found(command), null, command.join(' '));
});

test('of a command that starts others: the one program that its words name', async () => {
  await using place = await temporaryDirectory('bin');
  await symlink(PYTHON, path.join(place.path, 'snake'));
  const found = (...command: string[]) => {
    const where = { cwd: place.path, path: `${place.path}:/usr/bin:/bin`, startedAtMs: 1 };
    const program = programBelow(command, where);
    return program === null ? null : [program.runtime, program.args.join(' ')];
  };
  assert.deepEqual(found('sh', '-c', 'ulimit -c 0; exec "$0" "$@"', 'snake', 'x'), ['python', 'snake x']);
  assert.deepEqual(found('sh', '-c', 'mkdir -p x && exec snake x 2>&1'), ['python', 'snake x 2 1']);
  assert.deepEqual(found('env', 'A=snake', 'perl', 'x', '--and', 'perl'), ['perl', 'perl x --and perl']);
  assert.deepEqual(found('sh', '-c', 'true'), ['native', 'true']);
  assert.equal(found('sh', '-c', 'snake | perl x'), null);
  assert.equal(found('sh', '-c', 'cat x; true'), null);
  assert.equal(found('sh', 'none'), null);
});

test('a program below a shell that ends before it is seen is known by the command when words are read', () => {
  const argv = ['sh', '-c', 'exec perl x'];
  const watch = new ProgramWatch(() => {}, { argv, cwd: '/', env: { PATH: '/usr/bin:/bin' } });
  // No process can have this ID: it has ended.
  watch.begin({ pid: 2 ** 30, startTicks: 1 });
  watch.end();
  assert.equal(watch.program, null);
  assert.deepEqual([watch.printedBy?.runtime, watch.printedBy?.pid], ['perl', null]);
});

test('machine code is known by its contents', async () => {
  await using compiler = await nativeCompiler();
  await using builder = await programBuilder();
  assert.equal(runtimeOfFile(await compiler.compile('waits-to-crash.c')), 'native');
  assert.equal(runtimeOfFile(await builder.rust('catch-unwind', '-Cstrip=symbols')), 'rust');
  assert.equal(runtimeOfFile(import.meta.filename), null);
  assert.equal(runtimeOfFile('/none'), null);
  assert.equal(runtimeOfFile('/dev/zero'), null);
});

test('a source or an executable that changed since the start vouches for nothing', async () => {
  await using place = await temporaryDirectory('app');
  const source = path.join(place.path, 'shop.py');
  const executable = path.join(place.path, 'shop');
  await writeFile(source, 'x = 1\n');
  await copyFile('/bin/true', executable);
  const program: ObservedProgram = {
    ...{ runtime: 'go', pid: 1, executable, executableId: fileId(executable), cwd: place.path, args: [] },
    seenAtMs: Date.now() + 10,
  };
  const { readSource } = vouchersOf(program, executableOf(program));
  assert.equal(readSource('shop.py'), 'x = 1\n');
  assert.equal(readSource(source), 'x = 1\n');
  assert.equal(readSource(`file://${source}`), 'x = 1\n');
  for (const name of ['', '/dev/zero', 'none.py', '\0', 'file://%', place.path])
    assert.equal(readSource(name), null);
  assert.equal(vouchersOf({ ...program, seenAtMs: 0 }, null).readSource('shop.py'), null);
  using same = executableOf(program);
  assert.notEqual(same, null);
  await appendFile(executable, 'x');
  assert.equal(executableOf(program), null);
});
