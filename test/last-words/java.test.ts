import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/agent/clock.ts';
import { readWordsOf } from '../../src/agent/last-words/read-words.ts';
import type { Frame } from '../../src/model/frame.ts';
import { observeProgram } from '../../src/worker/observe-program.ts';
import { listChildren } from '../../src/worker/process-info.ts';
import { exitsOf, run } from '../agent/run-worker.ts';
import { sampleExit } from '../support/journal/sample-run.ts';
import { type CompiledShop, compileShop } from '../support/last-words/java-compiler.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { untilReported } from '../support/until-reported.ts';

const instant = systemClock();

let shop: CompiledShop;
before(async () => {
  shop = await compileShop();
});
after(() => shop[Symbol.asyncDispose]());

/** The report of the first crash, and the reason of its exit. */
async function crash(...args: string[]) {
  return crashOf('ulimit -c 0; exec "$0" "$@"', args);
}

async function crashOf(script: string, args: readonly string[]) {
  await using state = await stateDirectory();
  const command = ['sh', '-c', script, shop.java, ...args];
  await run({ stateDir: state.path, options: ['--restart', 'never'], command, cwd: shop.path });
  const report = await untilReported(state.path);
  const [exit] = exitsOf(state.path);
  await assertNothingLeft(state.path);
  assert.doesNotMatch(JSON.stringify(report), /CANARY|4111/);
  return { report, reason: exit?.reason };
}

function placesOf(frames: readonly Frame[]): string[] {
  return frames.map(({ function: name, file, line, inApp }) => `${name} ${file}:${line} ${inApp}`);
}

test('the first crash of a Java program has its stack', async () => {
  const { report, reason } = await crash('-jar', 'shop.jar', 'checkout');
  assert.equal(reason, "exit 1: uncaught exception (from Java's own report)");
  assert.deepEqual(
    [report.source, report.proof, report.exceptionType],
    ['last-words', 'proven', 'com.shop.Shop$CartError'],
  );
  assert.match(report.runtime?.version ?? '', /^\d+[\d.]*$/);
  assert.deepEqual(placesOf(report.frames), [
    'com.shop.Shop.checkout Shop.java:22 true',
    'com.shop.Shop.main Shop.java:42 true',
  ]);
  const [cause] = report.causes;
  assert.equal(cause?.exceptionType, 'java.lang.NumberFormatException');
  const places = placesOf(cause?.frames ?? []);
  assert.match(
    places[0] ?? '',
    /^java\.lang\.NumberFormatException\.\w+ NumberFormatException\.java:\d+ false$/,
  );
  assert.ok(places.includes('com.shop.Shop.total Shop.java:14 true'), places.join('\n'));
});

test('a fatal signal in a Java program is that of its log, although standard error is empty', async () => {
  const { report, reason } = await crash(
    '-XX:-CreateCoredumpOnCrash',
    '-cp',
    'classes',
    'com.shop.Shop',
    'poke',
  );
  assert.equal(reason, 'SIGSEGV: fatal signal, then exit 1 from its own signal handler');
  assert.deepEqual([report.kind, report.signal], ['fault', 'SIGSEGV']);
  const places = placesOf(report.frames);
  assert.match(places[0] ?? '', /^\w+ libjvm\.so:null false$/);
  assert.ok(places.includes('com.shop.Shop.poke Shop.java:null true'), places.join('\n'));
});

for (const flag of ['ExitOnOutOfMemoryError', 'CrashOnOutOfMemoryError']) {
  test(`the end of a JVM with ${flag} is known, although standard error is empty`, async () => {
    const { report, reason } = await crash(
      `-XX:+${flag}`,
      '-Xmx32m',
      '-cp',
      'classes',
      'com.shop.Shop',
      'grow',
    );
    const exit = flag === 'ExitOnOutOfMemoryError' ? 'exit 3' : 'SIGABRT';
    assert.equal(reason, `${exit}: out of memory (Java)`);
    const { kind, proof, exceptionType, problems } = report;
    assert.deepEqual([kind, proof, exceptionType], ['out-of-memory', 'proven', 'java.lang.OutOfMemoryError']);
    assert.ok(!problems.some(({ code }) => code === 'printed-no-calls'));
    const own = report.frames.filter(({ inApp }) => inApp).map(({ function: name }) => name);
    assert.deepEqual(
      own,
      flag === 'ExitOnOutOfMemoryError' ? [] : ['com.shop.Shop.grow', 'com.shop.Shop.main'],
    );
  });
}

/** Stops the process that started it, crashmon, until this one has ended. */
const UNSEEN = `
parent=$PPID
(until grep -q '^State:.Z' /proc/$$/status; do sleep 0.05; done; kill -CONT $parent) &
kill -STOP $parent
ulimit -c 0
exec "$0" "$@"`;

test('of a JVM that ran while crashmon could not, its log is read', async () => {
  const args = ['-XX:+CrashOnOutOfMemoryError', '-Xmx32m', '-cp', 'classes', 'com.shop.Shop', 'grow'];
  const { report, reason } = await crashOf(UNSEEN, args);
  assert.equal(reason, 'SIGABRT: out of memory (Java)');
  assert.deepEqual([report.kind, report.proof], ['out-of-memory', 'proven']);
});

/** A JVM with a root directory and process IDs of its own waits until it is allowed to start. */
const IN_CONTAINER = `
for place in usr lib lib64 etc proc dev; do mount --rbind /$place $1/$place; done
shift
ulimit -c 0
cd / && exec chroot "$@"`;

test('the log of a JVM in a container is read in its root directory, which is open while it lives', async () => {
  await using root = await temporaryDirectory('java-root');
  const home = path.join(root.path, 'srv/app');
  mkdirSync(home, { recursive: true });
  for (const place of ['usr', 'lib', 'lib64', 'etc', 'proc', 'dev']) mkdirSync(path.join(root.path, place));
  cpSync(path.join(shop.path, 'classes'), path.join(home, 'classes'), { recursive: true });
  const log = '-XX:ErrorFile=/srv/app/error-%p.log';
  const pause = [
    '-XX:+UnlockDiagnosticVMOptions',
    '-XX:+PauseAtStartup',
    '-XX:PauseAtStartupFile=/srv/paused',
  ];
  const args = [...pause, log, '-cp', '/srv/app/classes', 'com.shop.Shop', 'poke'];
  const startedAt = instant();
  const child = spawn(
    'unshare',
    [
      ...['--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', IN_CONTAINER, 'sh', root.path],
      ...[root.path, shop.java, ...args],
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  while (!existsSync(path.join(root.path, 'srv/paused'))) await delay(20);
  const pid = listChildren(child.pid ?? 0)[0] ?? 0;
  const program = observeProgram(pid, 'java', Date.now());
  assert.equal(program?.ownPid, 1);
  assert.notEqual(pid, 1);
  const fd = openSync(`/proc/${pid}/root`, 'r');
  await rm(path.join(root.path, 'srv/paused'));
  // No SIGABRT of its own ends the first process of a pid namespace.
  assert.deepEqual(await exited, [127, null]);
  const names = { app: 'shop', instance: 'host', appRoot: '/srv/app', workspaceRoot: null };
  const job = { ...names, directory: root.path, runId: 'feed00000001', dumpFd: null, root: fd };
  const status = { type: 'code', code: 127 } as const;
  const ended = { ...sampleExit(1), startedAt, diedAt: instant(), status };
  const read = readWordsOf(
    { ...job, sourceMaps: true, giveUp: false },
    { ...ended, reported: false, analysisProblem: null },
    { death: { program, silenceMs: 0, outOfMemory: false }, stderrTail: null, unrecorded: false },
  );
  closeSync(fd);
  assert.deepEqual(
    [read?.words.form, read?.words.signal, read?.proof],
    ['jvm-fatal-error', 'SIGSEGV', 'proven'],
  );
  const own = read?.words.error.calls.map((call) => call.function) ?? [];
  assert.ok(own.includes('com.shop.Shop.poke'), own.join(' '));
});

test('an app that exits with the code of that, and has the flag, did not run out of memory', async () => {
  await using state = await stateDirectory();
  const command = [shop.java, '-XX:+ExitOnOutOfMemoryError', '-cp', 'classes', 'com.shop.Shop', 'exit3'];
  await run({ stateDir: state.path, options: ['--restart', 'never'], command, cwd: shop.path });
  const [exit] = exitsOf(state.path);
  assert.equal(exit?.reason, 'exit 3: cause unknown');
  await assertNothingLeft(state.path);
});

test('an exception that was logged as JSON is shown, and does not prove that it ended the process', async () => {
  const { report, reason } = await crash('-cp', 'classes', 'com.shop.Shop', 'log');
  assert.equal(reason, 'exit 1: cause unknown');
  assert.deepEqual([report.proof, report.exceptionType], ['printed', 'com.shop.Shop$CartError']);
  assert.equal(placesOf(report.frames)[0], 'com.shop.Shop.checkout Shop.java:22 true');
  assert.deepEqual(
    report.causes.map(({ exceptionType }) => exceptionType),
    ['java.lang.NumberFormatException'],
  );
});
