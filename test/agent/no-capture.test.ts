import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { crashmon, startCrashmon } from '../support/crashmon.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { untilReported } from '../support/until-reported.ts';

const NODE = nodeBinary(24).path;
/** Not what a version manager has put before it. */
const PYTHON = '/usr/bin/python3';
const RUN = ['run', '--name', 'shop', '--arm-after', '0', '--cooldown', '0', '--restart', 'never', '--'];

type Options = { stateDir: string; cwd: string };

async function statusOf(options: Options) {
  const { stdout } = await crashmon(['status', '--json'], options);
  const [status] = JSON.parse(stdout).apps;
  return { state: status.state, reason: status.noCapture?.reason ?? null };
}

async function newestReason(options: Options): Promise<string> {
  return JSON.parse((await crashmon(['crashes', '--json'], options)).stdout)[0].reason;
}

/** Three exits, then a fault, then one that waits for its debugger. */
const PYTHON_LOOP = `import ctypes, sys
with open('count', 'a+') as file:
    file.write('x')
    file.seek(0)
    lives = len(file.read())
if lives <= 3:
    sys.exit(7)
if lives == 5:
    input()
ctypes.string_at(16, 8)
`;

test('exits of Python that no exception caused disarm it; a fault arms it, and the next one is captured', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('loop');
  const options = { stateDir: state.path, cwd: app.path };
  await writeFile(path.join(app.path, 'app.py'), PYTHON_LOOP);
  const policy = ['--name', 'shop', '--arm-after', '1', '--restart-delay', '0'];
  await using program = startCrashmon(['run', ...policy, '--', PYTHON, 'app.py'], {
    ...options,
    input: 'open',
  });
  await program.waitForLine('stderr', /started \(restart 4\).*armed: the next crash/);
  const [first = '', second = ''] = program.stderr.split(/restart [24]/);
  assert.doesNotMatch(first, /armed: |no capture possible/);
  assert.match(second, /^\), pid \d+, .*armed: the next crash/);
  assert.equal(
    second.match(/exit 7: .*no capture possible: .*no exception ended its main process/g)?.length,
    1,
  );
  await program.waitForLine('stderr', /debugger attached/);
  program.stdin.end('\n');
  await program.waitForLine('stderr', /captured with its call stack/);
  program.kill('SIGTERM');
  await program.exited;
  const report = await untilReported(state.path);
  assert.deepEqual([report.kind, report.signal], ['fault', 'SIGSEGV']);
});

test('a handler that raises another signal: the report is of the first', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('ruby');
  const options = { stateDir: state.path, cwd: app.path };
  const ruby = 'require "fiddle"; gets; Fiddle::Pointer.new(16)[0, 8]';
  await using program = startCrashmon([...RUN, 'ruby', '-e', ruby], { ...options, input: 'open' });
  await program.waitForLine('stderr', /debugger attached/);
  program.stdin.end('\n');
  await program.exited;
  const reason = 'SIGSEGV: invalid memory access, then SIGABRT from its own signal handler';
  assert.equal(await newestReason(options), reason);
  const report = await untilReported(state.path);
  assert.deepEqual(
    [report.kind, report.signal, report.fault?.summary, report.fault?.siCode],
    ['fault', 'SIGSEGV', 'null-access', 1],
  );
  const { stdout } = await crashmon(['show'], options);
  assert.match(
    stdout,
    /^shop crashed: SIGSEGV \(access to a null pointer\), then SIGABRT from its own signal handler\n/,
  );
  assert.match(stdout, /SIGSEGV, SEGV_MAPERR \(1\)/);
  assert.match((await crashmon(['crashes'], options)).stdout, /SIGSEGV null access, SIGABRT\n/);
});

test('a signal that a process sent is no invalid access', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('sent');
  const options = { stateDir: state.path, cwd: app.path };
  await using program = startCrashmon([...RUN, PYTHON, '-c', 'input()'], { ...options, input: 'open' });
  await program.waitForLine('stderr', /debugger attached/);
  process.kill(Number((await program.waitForLine('stderr', /started, pid (\d+)/))[1]), 'SIGSEGV');
  await program.exited;
  assert.equal(await newestReason(options), 'SIGSEGV: sent by a process');
  await untilReported(state.path);
  const { stdout } = await crashmon(['show'], options);
  assert.match(stdout, /sent by a process/);
  assert.doesNotMatch(stdout, /invalid memory access/);
});

test('a command that cannot be armed is not armed for ever', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('refused');
  const options = { stateDir: state.path, cwd: app.path };
  await writeFile(path.join(app.path, 'app.js'), 'process.exit(3);\n');
  const permission = ['--permission', `--allow-fs-read=${app.path}`];
  const { stderr } = await crashmon([...RUN, NODE, ...permission, 'app.js'], options);
  assert.match(stderr, /cannot be armed/);
  assert.doesNotMatch(stderr, /will be captured/);
  assert.deepEqual(await statusOf(options), { state: 'watching', reason: 'cannot-arm' });
});

test('an option that Node does not know ends the app before anything can be captured', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('option');
  const options = { stateDir: state.path, cwd: app.path };
  const run = ['run', '--name', 'shop', '--restart-delay', '0', '--', NODE, '--no-such-option', 'app.js'];
  await using program = startCrashmon(run, options);
  // It lives for milliseconds; a busy machine sees what it ran in one of its lives.
  await program.waitForLine(
    'stderr',
    /exit 9: Node\.js rejected a command-line option;.*no capture possible/,
  );
  program.kill('SIGTERM');
  await program.exited;
  assert.deepEqual(await statusOf(options), { state: 'watching', reason: 'bad-option' });
  await crashmon(['arm', 'shop'], options);
  const { stdout } = await crashmon(['status'], options);
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /manually; a crash like the last one cannot be captured: Node\.js/,
  );
});

const FORKS: Readonly<Record<string, [script: string, said: RegExp]>> = {
  'workers of a cluster are watched': [
    `const cluster = require('node:cluster');
    if (cluster.isPrimary) cluster.fork(); else setInterval(() => {}, 1000);`,
    /watching 1 process below the main process for crashes \(node cluster\)/,
  ],
  'processes that run the same program and are no workers are named once': [
    `if (process.send === undefined) require('node:child_process').fork(__filename);
    else setInterval(() => {}, 1000);`,
    /1 child process runs the same program: crashmon cannot see their crashes/,
  ],
};

for (const [what, [script, said]] of Object.entries(FORKS)) {
  test(what, async () => {
    await using state = await stateDirectory();
    await using app = await temporaryDirectory('forks');
    const options = { stateDir: state.path, cwd: app.path };
    await writeFile(path.join(app.path, 'app.js'), script);
    await using program = startCrashmon([...RUN, NODE, 'app.js'], options);
    await program.waitForLine('stderr', said);
    const { stdout } = await crashmon(['status'], options);
    const status = stdout.replaceAll(/\s+/g, ' ');
    assert.match(
      status,
      /the next crash of its main process (and the next uncaught exception of its workers )?will be captured/,
    );
    assert.match(status, said);
    program.kill('SIGTERM');
    await program.exited;
  });
}
