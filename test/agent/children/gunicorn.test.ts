import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../../support/free-port.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf } from '../run-worker.ts';
import { startMaster } from './run-master.ts';

/** Asks a worker; its end cuts the connection. */
const ask = (port: number, how: string) => fetch(`http://127.0.0.1:${port}/${how}`).catch(() => null);

const gunicorn = (port: number, ...more: string[]) => [
  ...['gunicorn', '-b', `127.0.0.1:${port}`, '-w', '2', '-k', 'wsgi.Fragile', ...more, 'wsgi:app'],
];

test('workers of gunicorn: exceptions, a signal, an exit, each with what followed', async () => {
  await using state = await stateDirectory();
  const port = await freePort();
  await using master = await startMaster(state.path, gunicorn(port), { workers: 2 });
  const replaced: boolean[] = [];
  const end = async (how: string) => {
    const ended = await master.endBy(() => ask(port, how));
    assert.deepEqual([ended.process.role, ended.process.name], ['worker', 'gunicorn']);
    replaced.push(ended.replacedAfterMs !== null);
    return ended;
  };
  const thrown = await end('throw');
  assert.deepEqual(thrown.status, { type: 'code', code: 1 });
  const worker = await end('worker');
  assert.deepEqual(worker.status, { type: 'code', code: 255 });
  const fault = await end('SIGSEGV');
  assert.equal(fault.verdict.reasonCode, 'invalid-memory-access');
  const exit = await end('exit9');
  assert.deepEqual(exit.status, { type: 'code', code: 9 });
  assert.equal(exit.crashesInWindow, 4);

  const report = await untilReported(state.path, thrown.runId);
  assert.deepEqual([report.exceptionType, report.proof], ['wsgi.Fatal', 'likely']);
  assert.equal(report.frames[0]?.function, 'fails');
  const named = await untilReported(state.path, worker.runId);
  assert.deepEqual([named.exceptionType, named.proof], ['LookupError', 'proven']);
  assert.equal(named.frames[0]?.function, 'lose_connection');

  // On a busy machine, more than a second can pass until there is another.
  assert.ok(replaced.includes(true));
  await ask(port, 'helper');
  assert.equal((await master.stop()).length, 4);
  const exits = exitsOf(state.path);
  assert.equal(exits.length, 5);
  assert.match(
    exits.find(({ id }) => id === thrown.runId)?.reason ?? '',
    /likely uncaught exception \(from Python's own report\)$/,
  );
  await assertNothingLeft(state.path);
});

test('what the master of gunicorn ends is no crash: a reload, a worker that served enough; a hang is shown', async () => {
  await using state = await stateDirectory();
  const port = await freePort();
  await using master = await startMaster(state.path, gunicorn(port, '-t', '2', '--max-requests', '3'), {
    workers: 2,
  });
  const { program } = master;
  const hang = master.nextEnd();
  void ask(port, 'hang');
  const { verdict } = await hang;
  assert.deepEqual([verdict.counted, verdict.reasonCode], [false, 'worker-timeout']);
  const booted = async (act: () => Promise<unknown>) => {
    const from = program.stderr.length;
    await act();
    await program.waitForLine('stderr', /Booting worker/, from);
  };
  await booted(async () => {
    for (let request = 0; request < 6; request++) await ask(port, '');
  });
  await booted(async () => program.kill('SIGHUP'));
  // On a busy machine other workers can be late, too.
  for (const end of await master.stop()) {
    assert.deepEqual([end.verdict.counted, end.verdict.reasonCode], [false, 'worker-timeout']);
  }
  await assertNothingLeft(state.path);
});
