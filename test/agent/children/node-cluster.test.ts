import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf } from '../run-worker.ts';
import { MASTERS, startMaster } from './run-master.ts';

const CLUSTER = [process.execPath, path.join(MASTERS, 'cluster.cjs')];

test('workers of a cluster: an exception, a signal, an exit, each once and with what followed', async () => {
  await using state = await stateDirectory();
  await using master = await startMaster(state.path, CLUSTER, { workers: 2 });
  const { program } = master;
  const end = async (how: string) => {
    const next = master.nextEnd();
    program.stdin.write(`${how}\n`);
    const ended = await next;
    assert.equal(ended.process.role, 'worker');
    assert.equal(ended.process.name, 'node cluster');
    assert.notEqual(ended.replacedAfterMs, null);
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

  const all = await master.stop();
  assert.equal(all.length, 4);
  const [stopped, ...workers] = await exitsOf(state.path);
  assert.equal(stopped?.counted, false);
  assert.deepEqual(
    workers.map(({ id }) => id),
    all.map(({ runId }) => runId).reverse(),
  );
  await assertNothingLeft(state.path);
});

test('what a primary ends on purpose, and helpers that die, are nothing', async () => {
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
  assert.equal((await master.stop()).length, 1);
  assert.equal((await exitsOf(state.path)).length, 2);
  await assertNothingLeft(state.path);
});

test('connections that a worker had with its clients are counted when it dies', async () => {
  await using state = await stateDirectory();
  await using master = await startMaster(state.path, CLUSTER, { workers: 2 });
  const { program } = master;
  const [, port] = await program.waitForLine('stdout', /serving (\d+)/);
  using clients = new DisposableStack();
  // The primary gives connections to its workers in turns.
  for (let count = 0; count < 6; count++) {
    const client = clients.adopt(connect(Number(port), '127.0.0.1'), (socket) => socket.destroy());
    client.on('error', () => {}).write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    await once(client, 'data');
  }
  const next = master.nextEnd();
  program.stdin.write('SIGSEGV\n');
  assert.deepEqual((await next).impact, { connectionsCut: 3, isExact: true, servedAfterMs: null });
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
  const { stderr } = second.program;
  const primary = /"event":"taken-over".*?"pid":(\d+)/.exec(stderr)?.[1];
  assert.ok(primary, stderr);
  const [worker] = readFileSync(`/proc/${primary}/task/${primary}/children`, 'latin1').split(' ');
  const next = second.nextEnd();
  process.kill(Number(worker), 'SIGSEGV');
  assert.deepEqual((await next).process, { role: 'worker', pid: Number(worker), name: 'node cluster' });
  assert.equal((await second.stop()).length, 1);
  await assertNothingLeft(state.path);
});
