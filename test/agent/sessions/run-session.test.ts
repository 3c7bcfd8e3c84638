import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { crashmon, MAIN } from '../../support/crashmon.ts';
import { ageKey } from '../../support/dumps/age-key.ts';
import { assertNothingLeft, standardErrorFiles } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { type RunningProgram, runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { Receiver } from '../../support/telemetry/receiver.ts';
import { untilReported } from '../../support/until-reported.ts';
import { MASTERS, startMaster } from '../children/run-master.ts';
import { pidOf, tracerOf, until, untilAttached } from '../native/armed.ts';
import { fixture, startRun } from '../run-worker.ts';

const AGAIN_MS = 15_000;
const AT_ONCE = ['--restart-delay', '0', '--json'];

async function session(stateDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Without line breaks. */
function words(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

type Dumps = {
  dumps: {
    id: string;
    path: string;
    encryption: string;
    exceptionType: string | null;
    exit: object;
    expiresAt: string;
  }[];
};

async function dumpsOf(stateDir: string): Promise<Dumps['dumps']> {
  return (JSON.parse(await session(stateDir, 'dumps', '--json')) as Dumps).dumps;
}

async function untilKept(agent: RunningProgram, from = 0): Promise<string> {
  const [, id = ''] = await agent.waitForLine('stderr', /"event":"dump","runId":"(\w+)","why":null/, from);
  return id;
}

/** The dump of the exception that `act` causes: again where a busy machine was too slow to take it. */
async function keptOf(agent: RunningProgram, act: () => unknown): Promise<string> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const from = agent.stderr.length;
    await act();
    const event = agent.waitForLine('stderr', /"event":"dump","runId":"(\w+)","why":(null|"no-dump")/, from);
    const [, id = '', why] = (await Promise.race([event, delay(AGAIN_MS, [], { ref: false })])) ?? [];
    if (why === 'null') return id;
  }
  throw new Error(`no dump: ${agent.stderr}`);
}

/** What gdb itself says of a core. */
function backtraceOf(program: string, core: string): string {
  const args = [
    '-batch',
    '-nx',
    '-ex',
    'set debuginfod enabled off',
    '-ex',
    'thread apply all backtrace',
    program,
    core,
  ];
  return execFileSync('gdb', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Function names of a call stack, innermost first. */
function functionsIn(backtrace: string): string[] {
  return Array.from(backtrace.matchAll(/^#\d+ +(?:0x\w+ in )?([\w:]+) \(/gm), ([, name = '']) => name);
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

describe('a session of crashmon run', { concurrency: 2 }, () => {
  test('keeps the encrypted dump of a worker that ran already, ends by count, and nothing private is elsewhere', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    await using receiver = await Receiver.start();
    const program = await compiler.compile('waits-to-crash.c');
    const { identity: key, recipient } = ageKey(state.path);
    // fgets() puts the line on the stack of main; arguments and environment are above it.
    const canaries = { stack: 'CANARY-stack-1', argument: 'CANARY-argument', environment: 'CANARY-variable' };
    await using agent = startRun({
      stateDir: state.path,
      options: [...AT_ONCE, '--otlp-endpoint', receiver.url],
      command: [program, '3', '1', canaries.argument],
      env: { SECRET: canaries.environment },
      input: 'open',
    });
    await agent.waitForLine('stdout', /ready/);
    await agent.waitForLine('stderr', /"event":"started"/);
    const worker = pidOf(agent);
    await session(state.path, 'start', 'app', '--max-dumps', '1', '--key', recipient);
    await untilAttached(agent);
    assert.ok(tracerOf(worker) > 0, 'no restart was needed');
    const status = await crashmon(['status'], { stateDir: state.path });
    assert.match(words(status.stdout), /24 h left .* 1 of 1 dump left/);
    assert.match(status.stdout, /by a session; the next fatal signal will be captured/);
    agent.stdin.write(`${canaries.stack}\n`);
    const id = await untilKept(agent);
    const [dump, ...others] = await dumpsOf(state.path);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [dump?.id, dump?.encryption, dump?.exit],
      [id, 'age', { code: null, signal: 'SIGSEGV' }],
    );
    const file = dump?.path ?? '';
    assert.deepEqual(
      [file, path.dirname(file)].map((each) => statSync(each).mode & 0o777),
      [0o600, 0o700],
    );

    const decrypted = execFileSync('age', ['--decrypt', '--identity', key, file], { maxBuffer: 2 ** 26 });
    const core = zstdDecompressSync(decrypted);
    assert.ok(core.includes(canaries.stack), 'the dump has the stack');
    assert.ok(!core.includes(canaries.argument) && !core.includes(canaries.environment));
    const corePath = path.join(state.path, 'core');
    await session(state.path, 'get', id, '--identity', key, '--output', corePath);
    assert.deepEqual(readFileSync(corePath), core);
    const backtrace = backtraceOf(program, corePath);
    assert.equal(backtrace.match(/^Thread \d/gm)?.length, 3);
    const report = await untilReported(state.path, id);
    const crashing = backtrace.slice(backtrace.search(/^Thread 1 /m));
    assert.deepEqual(functionsIn(crashing).slice(0, 3), ['crash', 'checkout', 'main']);
    assert.deepEqual(
      report.frames.slice(0, 3).map((frame) => frame.function),
      ['crash', 'checkout', 'main'],
    );
    const shown = await session(state.path, 'show', id);
    for (const part of [
      /> crash\s+\S+waits-to-crash\.c/,
      /2 other threads/,
      /rip +0x/,
      /[0-9a-f]{40} {2}\S+waits-to-crash/,
    ])
      assert.match(shown, part);
    assert.match(shown, new RegExp(`session get ${id.slice(0, 8)} .* && gdb .*${path.basename(program)}`));
    assert.ok(!shown.includes(canaries.stack));
    const values = await session(state.path, 'show', id, '--locals', '--identity', key);
    assert.match(values, new RegExp(`#2 .* in main \\(.*[^]* line = "${canaries.stack}`));
    assert.match(values, /in crash \(number=0x0\)/);
    assert.equal(values.match(/\brip +0x/g)?.length, 3);
    assert.match(values, /Modules, with build IDs:\n(?: {2}.*\n)*.*[0-9a-f]{40} .*libc\.so\.6/);
    const sealed = await crashmon(['session', 'show', id, '--locals'], { stateDir: state.path });
    assert.match(sealed.stderr, /The dump is encrypted: --locals needs --identity/);

    // One was enough: the next worker is not attached any more, and its crash leaves nothing.
    await until('it is detached', () => tracerOf(pidOf(agent)) === 0);
    agent.kill('SIGTERM');
    await agent.exited;
    assert.match(await session(state.path, 'list'), /has ended: 1 dump was kept/);
    const sent = receiver.requests.map(({ text }) => text).join();
    assert.match(sent, new RegExp(id));
    const written = filesBelow(state.path).filter((each) => ![corePath, key].includes(each));
    for (const each of [...written, ...standardErrorFiles(state.path)])
      assert.ok(!readFileSync(each).includes('CANARY'), each);
    assert.ok(!sent.includes('CANARY'));
    await assertNothingLeft(state.path);
  });

  test('survives kill -9 of crashmon, and is stopped manually', async () => {
    await using state = await stateDirectory();
    const command = fixture('prints-signals.cjs', 'ends');
    {
      await using first = startRun({ stateDir: state.path, options: AT_ONCE, command });
      await first.waitForLine('stdout', /^running/);
      await session(state.path, 'start', 'app', '--store', path.join(state.path, 'kept'));
      await untilAttached(first);
      process.kill(first.pid, 'SIGKILL');
      await first.exited;
      await using second = startRun({ stateDir: state.path, options: AT_ONCE, command });
      await second.waitForLine('stderr', /taken-over/);
      await untilAttached(second);
      const worker = pidOf(second, 'taken-over');
      const from = second.stderr.length;
      process.kill(worker, 'SIGSEGV');
      const id = await untilKept(second, from);
      const core = path.join(state.path, 'core');
      await session(state.path, 'get', id, '--output', core);
      assert.match(backtraceOf(process.execPath, core), /^Thread 2 /m, 'Node has several threads');
      assert.deepEqual(readdirSync(path.join(state.path, 'kept')).length, 2);
      await until('the next worker is attached', () => tracerOf(pidOf(second)) > 0);
      assert.match(await session(state.path, 'stop', 'app'), /was stopped: 1 dump was kept/);
      await until('it is detached', () => tracerOf(pidOf(second)) === 0);
      assert.equal((await dumpsOf(state.path)).length, 1, 'what was kept stays');
      await session(state.path, 'delete', id);
      assert.deepEqual(readdirSync(path.join(state.path, 'kept')), []);
      second.kill('SIGTERM');
      await second.exited;
    }
    await assertNothingLeft(state.path);
  });

  test('an exception that ends a Node.js worker leaves a dump, once the last crash was one', async () => {
    await using state = await stateDirectory();
    const code =
      'function checkout() { throw new RangeError("CANARY-message") } ' +
      'process.stdin.on("data", () => checkout()); console.log("ready")';
    // What is in a file can be verified.
    const script = path.join(state.path, 'app.cjs');
    writeFileSync(script, code);
    const command = [process.execPath, script];
    await using agent = startRun({ stateDir: state.path, options: AT_ONCE, command, input: 'open' });
    await agent.waitForLine('stdout', /ready/);
    agent.stdin.write('crash\n');
    await agent.waitForLine('stderr', /"restarts":1/);
    await agent.waitForLine('stdout', /ready/, 'ready'.length);
    const worker = pidOf(agent);
    await session(state.path, 'start', 'app', '--max-dumps', '1');
    await agent.waitForLine('stderr', /in this session its exit is watched/);
    assert.ok(tracerOf(worker) > 0);
    const status = await crashmon(['status'], { stateDir: state.path });
    assert.match(
      words(status.stdout),
      /armed by a session; the next uncaught exception will be captured .*no debugger attached/,
    );
    const id = await keptOf(agent, () => agent.stdin.write('crash\n'));
    const [dump] = await dumpsOf(state.path);
    assert.deepEqual([dump?.exceptionType, dump?.exit], ['RangeError', { code: 1, signal: null }]);
    const core = path.join(state.path, 'core');
    await session(state.path, 'get', id, '--output', core);
    assert.match(backtraceOf(process.execPath, core), /TriggerUncaughtException/);
    const report = await untilReported(state.path, id);
    assert.deepEqual([report.exceptionType, report.frames[0]?.function], ['RangeError', 'checkout']);
    await until('the session is over', () => tracerOf(pidOf(agent)) === 0);
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });

  test('--process keeps dumps of workers below a master: of a signal before the first crash, then of an exception', async () => {
    await using state = await stateDirectory();
    const command = [process.execPath, path.join(MASTERS, 'cluster.cjs')];
    await using master = await startMaster(state.path, command, { workers: 2 });
    const { program } = master;
    await session(state.path, 'start', 'app', '--max-dumps', '2', '--process', 'node cluster');
    await program.waitForLine('stderr', /"event":"children".*"armed":2.*"means":"debugger"/);
    const factsOf = async (id: string) => (await dumpsOf(state.path)).find((dump) => dump.id === id);
    const signal = await keptOf(program, () => master.endBy(() => program.stdin.write('SIGSEGV\n')));
    assert.deepEqual((await factsOf(signal))?.exit, { code: null, signal: 'SIGSEGV' });
    // Of the debugger's workers an exception is no signal: the one after it is watched by its exit.
    const from = program.stderr.length;
    await master.endBy(() => program.stdin.write('throw\n'));
    await program.waitForLine('stderr', /"event":"children".*"means":"exit-watch"/, from);
    const exception = await keptOf(program, () => master.endBy(() => program.stdin.write('throw\n')));
    assert.equal((await factsOf(exception))?.exceptionType, 'TypeError');
    await master.stop();
    await assertNothingLeft(state.path);
  });

  test('a full disk keeps no dump, and the report and the restart come as ever', async () => {
    await using compiler = await nativeCompiler();
    await using state = await stateDirectory();
    const program = await compiler.compile('waits-to-crash.c');
    const store = path.join(state.path, 'small');
    const crashmonRun = `${process.execPath} ${MAIN}`;
    const script =
      `mkdir -m 700 ${store}; mount -t tmpfs -o size=1m,mode=700 tmpfs ${store};` +
      `mkfifo ${state.path}/in; ${crashmonRun} run --name app --restart-delay 0 --json -- ${program} 1 <${state.path}/in 2>${state.path}/events & exec 9>${state.path}/in;` +
      `await() { until grep -q "$1" ${state.path}/events; do sleep 0.05; done; };` +
      `await '"event":"started"'; ${crashmonRun} session start app --store ${store};` +
      `await '"state":"attached"'; echo >&9; await '"event":"dump"'; ls -A ${store}; kill $!; wait`;
    const { stdout, stderr } = await runProgram(
      'unshare',
      ['--mount', '--map-root-user', 'bash', '-c', script],
      {
        env: { CRASHMON_STATE_DIR: state.path },
      },
    );
    assert.match(
      readFileSync(path.join(state.path, 'events'), 'utf8'),
      /"event":"dump",.*"why":"no-space"/,
      stderr,
    );
    assert.doesNotMatch(stdout, /\.(?:zst|json|tmp)/);
    assert.equal((await untilReported(state.path)).fault?.summary, 'null-access');
    assert.match(
      words(await session(state.path, 'list')),
      /was not kept: the disk of the store has too little room/,
    );
    await assertNothingLeft(state.path);
  });
});

test('what cannot be kept is refused at the start', async () => {
  await using state = await stateDirectory();
  await using agent = startRun({ stateDir: state.path, options: AT_ONCE, command: ['sleep', '60'] });
  await agent.waitForLine('stderr', /"event":"started"/);
  const open = path.join(state.path, 'open');
  writeFileSync(open, '');
  const refused = async (...args: string[]) => {
    const result = await crashmon(['session', 'start', 'app', ...args], { stateDir: state.path });
    assert.ok((result.code ?? 0) > 0, args.join(' '));
    return result.stderr;
  };
  assert.match(await refused('--key', 'age1wrong'), /Invalid --key: this age public key is damaged/);
  assert.match(await refused('--key', 'AGE-SECRET-KEY-1ABC'), /this is a secret key/);
  assert.match(await refused('--store', open), /it is not a directory/);
  assert.match(await refused('--for', '0'), /Invalid --for/);
  assert.match(await refused('--instance', 'other'), /No instance named other/);
  await crashmon(['disarm', 'app'], { stateDir: state.path });
  assert.match(await refused(), /It is disarmed/);
  assert.match(await session(state.path, 'list'), /No session so far/);
  await crashmon(['arm', 'app', '--auto'], { stateDir: state.path });
  const odd = await crashmon(['session', 'start', 'app', '--process', 'nope'], { stateDir: state.path });
  assert.match(odd.stderr, /Dumps are not encrypted: .*\n.*nope is not among the processes that are watched/);
  assert.match(await refused(), /A session of app is already running/);
  agent.kill('SIGTERM');
  await agent.exited;
});
