import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../support/free-port.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { type ChildEnded, type RunningMaster, startMaster } from './run-master.ts';

const ARMED = ['--arm-after', '0'];

/** Asks a worker; its end cuts the connection. */
const ask = (port: number, how: string) => fetch(`http://127.0.0.1:${port}/${how}`).catch(() => null);

/** A child of the main process with this title or command line. */
function workerOf(master: RunningMaster, title: RegExp): number {
  const { stderr } = master.program;
  const pid = Number(/"event":"started".*?"pid":(\d+)/.exec(stderr)?.[1]);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
  const found = children.find((child) => title.test(readFileSync(`/proc/${child}/cmdline`, 'latin1')));
  assert.ok(found, stderr);
  return Number(found);
}

async function fault(master: RunningMaster, name: string, title: RegExp): Promise<ChildEnded> {
  const pid = workerOf(master, title);
  const next = master.nextEnd();
  process.kill(pid, 'SIGSEGV');
  const ended = await next;
  assert.deepEqual(ended.process, { role: 'worker', pid, name });
  assert.equal(ended.verdict.counted, true, JSON.stringify(ended));
  return ended;
}

/** The first fault arms the workers, and a later one is captured. @returns functions on its stack, the first call first */
async function captured(
  master: RunningMaster,
  state: string,
  ...worker: [string, RegExp]
): Promise<string[]> {
  const from = master.program.stderr.length;
  assert.equal((await fault(master, ...worker)).captured, false);
  await master.program.waitForLine('stderr', /"event":"children".*"armed":2,"means":"debugger"/, from);
  for (let attempt = 0; ; attempt++) {
    const next = await fault(master, ...worker);
    // A busy machine can be too slow for the time of a hold, or to attach to the new worker; then the next fault is captured.
    if (!next.captured && attempt < 20) continue;
    assert.deepEqual([next.captured, next.state], [true, 'cooling-down']);
    const { frames, kind, problems } = await untilReported(state, next.runId);
    assert.equal(kind, 'fault');
    assert.ok(frames.length > 0, JSON.stringify(problems));
    return frames.map((frame) => frame.function ?? '').toReversed();
  }
}

/** Ends of workers that were reported so far. */
const endings = ({ program }: RunningMaster) => program.stderr.split('"event":"child-ended"').length - 1;

test('workers of puma', async () => {
  await using state = await stateDirectory();
  const port = await freePort();
  const command = ['puma', '--workers', '2', '--bind', `tcp://127.0.0.1:${port}`];
  await using master = await startMaster(state.path, command, { workers: 2, options: ARMED });
  await captured(master, state.path, 'puma', /^puma: cluster worker/);
  const end = (how: string) => master.endBy(() => ask(port, how));
  const exit = await end('exit9');
  assert.deepEqual(exit.status, { type: 'code', code: 9 });
  const thrown = await end('throw');
  assert.deepEqual(thrown.status, { type: 'code', code: 1 });
  const report = await untilReported(state.path, thrown.runId);
  assert.deepEqual([report.exceptionType, report.proof], ['Lost', 'likely']);
  await ask(port, 'helper');
  assert.equal((await master.stop()).at(-1)?.runId, thrown.runId);
  await assertNothingLeft(state.path);
});

test('workers of uvicorn', async () => {
  await using state = await stateDirectory();
  const port = await freePort();
  const command = ['uvicorn', '--workers', '2', '--port', String(port), 'asgi:app'];
  await using master = await startMaster(state.path, command, { workers: 2 });
  await fault(master, 'uvicorn', /multiprocessing-fork/);
  const ended = await master.endBy(() => ask(port, 'exit9'));
  assert.deepEqual(ended.status, { type: 'code', code: 9 });
  assert.equal((await master.stop()).length, 2);
  await assertNothingLeft(state.path);
});

test('workers of php-fpm', async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('php-fpm');
  const file = path.join(directory.path, 'fpm.conf');
  const global = '[global]\nerror_log = /dev/stderr\ndaemonize = no\n';
  const pool = `listen = ${directory.path}/fpm.sock\npm = static\npm.max_children = 2\n`;
  await writeFile(file, `${global}[www]\nuser = ${userInfo().username}\n${pool}`);
  const program = readdirSync('/usr/sbin').find((name) => /^php-fpm\d/.test(name)) ?? 'php-fpm';
  const command = [`/usr/sbin/${program}`, '--nodaemonize', '--allow-to-run-as-root', '-n', '-y', file];
  await using master = await startMaster(state.path, command, { workers: 2, options: ARMED });
  await captured(master, state.path, 'php-fpm', /^php-fpm: pool/);
  await master.stop();
  await assertNothingLeft(state.path);
});

test('workers of nginx, and a reload', async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('nginx');
  const settings = `daemon off; user ${userInfo().username}; worker_processes 2; pid pid; error_log stderr notice; events {}\n`;
  await writeFile(path.join(directory.path, 'nginx.conf'), settings);
  const command = ['nginx', '-p', '.', '-e', 'stderr', '-c', 'nginx.conf'];
  await using master = await startMaster(state.path, command, {
    workers: 2,
    options: ARMED,
    cwd: directory.path,
  });
  const stack = await captured(master, state.path, 'nginx', /^nginx: worker process/);
  assert.ok(stack.includes('epoll_wait'), stack.join());
  const before = endings(master);
  const from = master.program.stderr.length;
  master.program.kill('SIGHUP');
  await master.program.waitForLine('stderr', /worker process \d+ exited with code 0/, from);
  assert.equal((await master.stop()).length, before);
  await assertNothingLeft(state.path);
});

test('--children names processes anywhere below; all others do not count', async () => {
  await using state = await stateDirectory();
  const script = 'while :; do sh -c "sleep 300 & wait"; done';
  const command = ['bash', '-c', `sleep 400 & (${script}) & wait`];
  await using master = await startMaster(state.path, command, {
    workers: 2,
    options: ['--children', 'sleep'],
  });
  const pids = readdirSync('/proc').filter((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'latin1') === 'sleep\x00300\x00' &&
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes(state.path)
      );
    } catch {
      return false;
    }
  });
  const next = master.nextEnd();
  process.kill(Number(pids[0]), 'SIGBUS');
  const { process: ended } = await next;
  assert.deepEqual(ended, { role: 'child', pid: Number(pids[0]), name: 'sleep' });
  assert.equal((await master.stop()).length, 1);
  await assertNothingLeft(state.path);
});
