import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { listChildren } from '../../../src/worker/process-info.ts';
import { crashmon } from '../../support/crashmon.ts';
import { isRunning } from '../../support/is-running.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { tracerOf, until } from '../native/armed.ts';
import { exitsOf } from '../run-worker.ts';
import { type ChildEnded, MASTERS, startMaster } from './run-master.ts';

const CLUSTER = [process.execPath, path.join(MASTERS, 'cluster.cjs')];

test('workers of a cluster: an exception, a signal, an exit, each once and with what followed', async () => {
  await using state = await stateDirectory();
  await using master = await startMaster(state.path, CLUSTER, { workers: 2 });
  const { program } = master;
  const replaced: boolean[] = [];
  const end = async (how: string) => {
    const ended = await master.endBy(() => program.stdin.write(`${how}\n`));
    assert.equal(ended.process.role, 'worker');
    assert.equal(ended.process.name, 'node cluster');
    replaced.push(ended.replacedAfterMs !== null);
    return ended;
  };

  const thrown = await end('throw');
  assert.deepEqual(thrown.status, { type: 'code', code: 1 });
  assert.equal(thrown.verdict.reasonCode, 'printed-exception');
  const fault = await end('SIGSEGV');
  assert.deepEqual(fault.status, { type: 'signal', signal: 'SIGSEGV' });
  assert.equal(fault.verdict.reasonCode, 'invalid-memory-access');
  const exit = await end('exit 3');
  assert.deepEqual([exit.verdict.counted, exit.verdict.reasonCode], [true, 'unknown']);
  assert.equal(exit.crashesInWindow, 3);
  const killed = await end('SIGKILL');
  assert.deepEqual([killed.verdict.counted, killed.verdict.reasonCode], [false, 'killed']);

  const report = await untilReported(state.path, thrown.runId);
  assert.equal(report.exceptionType, 'TypeError');
  assert.equal(report.proof, 'likely');
  assert.match(report.frames[0]?.function ?? '', /fails/);
  const { stdout } = await crashmon(['crashes'], { stateDir: state.path });
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /worker of node cluster \(process \d+\); its master started another after/,
  );

  // On a busy machine, more than a second can pass until there is another.
  assert.ok(replaced.includes(true));
  const all = await master.stop();
  assert.equal(all.length, 4);
  const [stopped, ...workers] = exitsOf(state.path);
  assert.equal(stopped?.counted, false);
  assert.deepEqual(
    workers.map(({ id }) => id),
    all.map(({ runId }) => runId).reverse(),
  );
  await assertNothingLeft(state.path);
});

test('a master that ends normally right after the heap of a worker was full has a normal end', async () => {
  await using state = await stateDirectory();
  const [node = '', ...script] = CLUSTER;
  const command = [node, '--max-old-space-size=24', ...script];
  await using master = await startMaster(state.path, command, { workers: 2 });
  master.program.stdin.write('heap\n');
  const { code, stderr } = await master.program.exited;
  assert.match(stderr, /^FATAL ERROR: .*JavaScript heap out of memory$/m);
  const main = exitsOf(state.path)[0];
  assert.deepEqual([code, main?.counted, main?.reason], [0, false, 'exit 0: normal exit']);
  await assertNothingLeft(state.path);
});

/** A busy machine can be too slow for the time of a hold; then the next crash is captured. */
async function untilCaptured(end: () => Promise<ChildEnded>): Promise<ChildEnded> {
  for (let attempts = 0; ; attempts++) {
    const ended = await end();
    if (ended.captured || attempts > 60) return ended;
    assert.equal(ended.state, 'armed');
  }
}

test('an armed app captures the exception of a worker, without a restart, and cools down', async () => {
  await using state = await stateDirectory();
  await using master = await startMaster(state.path, CLUSTER, {
    workers: 2,
    options: ['--arm-after', '1'],
  });
  const { program } = master;
  const end = async (how: string) => {
    return master.endBy(() => program.stdin.write(`${how}\n`));
  };
  const first = await end('throw');
  assert.deepEqual([first.captured, first.state, first.noCapture], [false, 'watching', null]);
  const second = await end('exit 3');
  assert.deepEqual([second.captured, second.state], [false, 'armed']);
  await program.waitForLine('stderr', /"event":"children".*"count":2,"armed":2/);
  const armed = await crashmon(['status'], { stateDir: state.path });
  assert.match(
    armed.stdout.replaceAll(/\s+/g, ' '),
    /the next uncaught exception of its workers will be captured .*node cluster\); armed: the next/,
  );
  const third = await untilCaptured(() => end('throw'));
  assert.deepEqual([third.captured, third.state], [true, 'cooling-down']);
  assert.equal(third.verdict.reasonCode, 'uncaught-exception');
  const report = await untilReported(state.path, third.runId);
  // Only one of last words has a proof.
  assert.deepEqual([report.exceptionType, report.proof], ['TypeError', undefined]);
  assert.equal(report.frames[0]?.function, 'Timeout.fails');
  const fourth = await end('throw');
  assert.deepEqual([fourth.captured, fourth.state], [false, 'cooling-down']);
  const from = program.stderr.length;
  const { stdout } = await crashmon(['arm', 'app'], { stateDir: state.path });
  assert.match(stdout, /main process \(pid \d+\) is not armed/);
  await program.waitForLine('stderr', /"event":"children".*"count":2,"armed":2/, from);
  const fifth = await untilCaptured(() => end('exit 3'));
  assert.deepEqual([fifth.captured, fifth.verdict.reasonCode], [true, 'process-exit']);
  assert.equal(
    (await untilReported(state.path, fifth.runId)).frames[0]?.file,
    'test/fixtures/masters/cluster.cjs',
  );
  const pids = (await master.stop()).map(({ process }) => process.pid);
  assert.equal(new Set(pids).size, pids.length, 'no death twice');
  await assertNothingLeft(state.path);
});

test('what a primary ends on purpose, and helpers that die, are nothing; an end that was not seen is a number', async () => {
  await using state = await stateDirectory();
  await using master = await startMaster(state.path, CLUSTER, { workers: 2 });
  const { program } = master;
  for (const how of ['exit 0', 'SIGTERM']) {
    const from = program.stdout.length;
    program.stdin.write(`${how}\n`);
    await program.waitForLine('stdout', /serving/, from);
  }
  program.stdin.write('helpers\n');
  await program.waitForLine('stdout', /helpers ended/);
  // One that is something, so that the others would have been reported before it.
  const next = master.nextEnd();
  program.stdin.write('SIGSEGV\n');
  await next;
  // One that is not watched yet is not known.
  let watched: number[] = [];
  await until('both are watched', () => {
    watched = workersOf(program).filter((pid) => tracerOf(pid) > 0);
    return watched.length === 2;
  });
  const [worker = 0] = watched;
  // Both before crashmon can do something: nothing watches the worker when it ends.
  program.kill('SIGSTOP');
  process.kill(tracerOf(worker), 'SIGKILL');
  process.kill(worker, 'SIGKILL');
  // On a busy machine it takes a moment, in which it could be watched again.
  await until('it has ended', () => !isRunning(worker));
  program.kill('SIGCONT');
  await program.waitForLine('stderr', /"event":"missed-workers","name":"node cluster","count":1\b/);
  const { stdout } = await crashmon(['status'], { stateDir: state.path });
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /at least 1 process below the main process ended and was only counted/,
  );
  assert.equal((await master.stop()).length, 1);
  assert.equal(exitsOf(state.path).length, 2);
  await assertNothingLeft(state.path);
});

function workersOf({ stderr }: { stderr: string }): number[] {
  return listChildren(Number(/"event":"(?:started|taken-over)".*?"pid":(\d+)/.exec(stderr)?.[1]));
}

test('connections that a worker had with its clients are counted when it dies', async () => {
  await using state = await stateDirectory();
  await using master = await startMaster(state.path, CLUSTER, { workers: 2 });
  const { program } = master;
  const [first = '', port] = await program.waitForLine('stdout', /serving (\d+)/);
  await program.waitForLine('stdout', /serving/, first.length);
  const crash = async () => {
    using clients = new DisposableStack();
    // The primary gives connections to its workers in turns.
    for (let count = 0; count < 6; count++) {
      const client = clients.adopt(connect(Number(port), '127.0.0.1'), (socket) => socket.destroy());
      client.on('error', () => {}).write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
      await once(client, 'data');
    }
    const from = program.stdout.length;
    const { impact } = await master.endBy(() => program.stdin.write('SIGSEGV\n'));
    await program.waitForLine('stdout', /serving/, from);
    return impact;
  };
  let impact = await crash();
  // A busy machine can be too slow to count them in the time of a hold.
  for (let attempt = 0; impact === null && attempt < 20; attempt++) impact = await crash();
  assert.deepEqual(impact, { connectionsCut: 3, isExact: true, servedAfterMs: null });
  await master.stop();
  const { stdout } = await crashmon(['crashes'], { stateDir: state.path });
  assert.match(stdout.replaceAll(/\s+/g, ' '), /3 connections cut/);
});

test('after kill -9 of crashmon the next one watches the workers that are there', async () => {
  await using state = await stateDirectory();
  const first = await startMaster(state.path, CLUSTER, { workers: 2 });
  first.program.kill('SIGKILL');
  await first.program.exited;
  await using second = await startMaster(state.path, CLUSTER, { workers: 2 });
  assert.match(second.program.stderr, /"event":"taken-over"/);
  const [worker = 0] = workersOf(second.program);
  const next = second.nextEnd();
  process.kill(worker, 'SIGSEGV');
  assert.deepEqual((await next).process, { role: 'worker', pid: worker, name: 'node cluster' });
  assert.equal((await second.stop()).length, 1);
  await assertNothingLeft(state.path);
});
