import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { openSync } from 'node:fs';
import { test } from 'node:test';
import { MAIN } from '../support/crashmon.ts';
import { assertNothingLeft, standardErrorFiles } from '../support/leftovers.ts';
import { runProgram, startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { exitsOf, fixture, run, startRun } from './run-worker.ts';

const NEVER = ['--restart', 'never', '--quiet'];

/** `crashmon run` within a shell's pipe. */
const inShell = (script: string, stateDir: string) =>
  runProgram('bash', ['-o', 'pipefail', '-c', script], {
    env: {
      CRASHMON_STATE_DIR: stateDir,
      RUN: `${process.execPath} ${MAIN} run --name app --restart never --quiet`,
    },
  });

test('standard input and output are the worker’s own, whatever goes through them', async () => {
  await using state = await stateDirectory();
  const sum = (text: string) => text.match(/[0-9a-f]{64}/)?.[0];
  const script =
    'head -c 10000000 /dev/urandom > $CRASHMON_STATE_DIR/in; sha256sum < $CRASHMON_STATE_DIR/in;' +
    '$RUN -- cat < $CRASHMON_STATE_DIR/in | sha256sum';
  const { code, stdout, stderr } = await inShell(script, state.path);
  assert.equal(code, 0, stderr);
  const [one, other] = stdout.trim().split('\n');
  assert.equal(sum(one ?? ''), sum(other ?? 'none'));
});

test('a slow reader of standard output slows the worker down and breaks nothing', async () => {
  await using state = await stateDirectory();
  // dd gives up at EAGAIN, which it gets when another process made the shared pipe non-blocking.
  const script = '$RUN -- dd if=/dev/zero bs=64k count=160 status=none | (sleep 0.7; wc -c)';
  const { code, stdout, stderr } = await inShell(script, state.path);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trim(), String(160 * 65_536));
});

test('a slow reader of an inherited standard error as well', async () => {
  await using state = await stateDirectory();
  const script =
    '$RUN --no-stderr-tap -- sh -c "dd if=/dev/zero bs=64k count=160 status=none >&2" 2>&1 >/dev/null | (sleep 0.7; wc -c)';
  const { code, stdout, stderr } = await inShell(script, state.path);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trim(), String(160 * 65_536));
});

test('a reader of standard output that has gone is the worker’s SIGPIPE', async () => {
  await using state = await stateDirectory();
  const { code, stdout } = await inShell('$RUN -- sh -c "yes; exit 5" | head -n 1', state.path);
  assert.equal(stdout, 'y\n');
  assert.equal(code, 5);
  assert.equal(exitsOf(state.path)[0]?.exit.code, 5);
});

test('standard error arrives whole and in order', async () => {
  await using state = await stateDirectory();
  const bytes = 3_000_000;
  const command = fixture('writes-stderr.cjs', String(bytes));
  const tapped = await run({ stateDir: state.path, options: NEVER, command });
  const bare = await runProgram(command[0] ?? '', command.slice(1));
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  assert.equal(tapped.code, 0);
  assert.equal(tapped.stderr.length, bytes);
  assert.equal(digest(tapped.stderr), digest(bare.stderr));
  assert.deepEqual(standardErrorFiles(state.path), []);
  await assertNothingLeft(state.path);
});

test('what several lives wrote arrives in order', async () => {
  await using state = await stateDirectory();
  const script = `n=$(cat ${state.path}/n || echo 0); echo $((n + 1)) > ${state.path}/n; echo life $n >&2; [ $n -lt 8 ] && exit 1 || exit 0`;
  const options = ['--restart-delay', '0', '--quiet'];
  const command = ['sh', '-c', script.replace('cat', 'cat 2>/dev/null')];
  const { code, stderr } = await run({ stateDir: state.path, options, command });
  assert.equal(code, 0);
  assert.equal(stderr, Array.from({ length: 9 }, (_, n) => `life ${n}\n`).join(''));
});

test('a script that opens /dev/stderr anew loses nothing', async () => {
  await using state = await stateDirectory();
  // A regular file is emptied by that, a pipe is not.
  const script =
    'for n in 1 2 3; do echo before $n >&2; echo anew $n > /dev/stderr; done; sleep 0.3; echo after >&2';
  await using agent = startRun({ stateDir: state.path, options: NEVER, command: ['bash', '-c', script] });
  const { code, stderr } = await agent.exited;
  assert.equal(code, 0);
  assert.match(stderr, /anew 3\n/);
  assert.match(stderr, /after\n$/);
});

test('--no-stderr-tap leaves standard error alone', async () => {
  await using state = await stateDirectory();
  const options = [...NEVER, '--no-stderr-tap'];
  const command = ['sh', '-c', 'readlink /proc/$$/fd/2; echo words >&2'];
  const { stdout, stderr } = await run({ stateDir: state.path, options, command });
  assert.match(stdout, /^(?:pipe|socket):/);
  assert.equal(stderr, 'words\n');
  assert.deepEqual(standardErrorFiles(state.path), []);
});

test('a limit on the size of files does not become the worker’s', async () => {
  await using state = await stateDirectory();
  const script = 'ulimit -f 100; $RUN -- head -c 1000000 /dev/zero 2>&1 >&2 | wc -c';
  const { stdout } = await inShell(script, state.path);
  assert.ok(Number(stdout) >= 1_000_000, stdout);
});

test('closed standard streams are no obstacle', async () => {
  await using state = await stateDirectory();
  const { code } = await inShell('$RUN -- sh -c "echo words >&2; exit 4" <&- >&- 2>&-', state.path);
  assert.equal(code, 4);
});

test('a reader of standard error that is there and does not read holds nothing up', async () => {
  await using state = await stateDirectory();
  const script =
    '{ $RUN -- sh -c "head -c 3000000 /dev/zero >&2; echo done; exit 6"; echo ended $?; } 2>&1 >/proc/$$/fd/1 | sleep 300';
  await using shell = startProgram('bash', ['-c', `exec 3>&1; ${script.replace('>/proc/$$/fd/1', '>&3')}`], {
    env: {
      CRASHMON_STATE_DIR: state.path,
      RUN: `${process.execPath} ${MAIN} run --name app --restart never --quiet`,
    },
  });
  await shell.waitForLine('stdout', /^done$/);
  await shell.waitForLine('stdout', /^ended 6$/);
});

test('a descendant that keeps standard error goes on writing, and its file goes with it', async () => {
  await using state = await stateDirectory();
  const daemon =
    'trap "echo bye >&2; exit" TERM; echo $$ > $CRASHMON_STATE_DIR/daemon; while :; do echo tick >&2; sleep 0.05; done';
  const script = `setsid sh -c '${daemon}' & until [ -s $CRASHMON_STATE_DIR/daemon ]; do sleep 0.02; done; exit 3`;
  const ended = await run({
    stateDir: state.path,
    options: [...NEVER, '--kill-mode', 'process'],
    command: ['bash', '-c', script],
  });
  assert.equal(ended.code, 3);
  const [file] = standardErrorFiles(state.path);
  assert.ok(file, 'its file must stay while it lives');
  const log = openSync(file, 'r');
  assert.ok(log);
  await runProgram('sh', ['-c', `kill $(cat ${state.path}/daemon)`]);
  await assertNothingLeft(state.path);
  assert.deepEqual(standardErrorFiles(state.path), []);
});
