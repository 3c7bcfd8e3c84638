import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashmon, MAIN } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { memoryCgroup } from '../support/memory-cgroup.ts';
import { runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { exitsOf, fixture, run } from './run-worker.ts';

test('a worker that the kernel kills at its memory limit crashed', async () => {
  await using state = await stateDirectory();
  await using cgroup = memoryCgroup(256 * 1024 * 1024);
  const words = [
    process.execPath,
    MAIN,
    'run',
    '--name',
    'app',
    '--restart',
    'never',
    '--',
    ...fixture('eats-memory.cjs'),
  ];
  const ended = await runProgram('sh', ['-c', `echo $$ > ${cgroup.procs}; exec "$@"`, 'sh', ...words], {
    env: { CRASHMON_STATE_DIR: state.path },
  });
  assert.equal(ended.signal, 'SIGKILL', ended.stderr);
  const [exit] = exitsOf(state.path);
  assert.equal(exit?.exit.signal, 'SIGKILL');
  assert.equal(exit?.counted, true, exit?.reason);
  assert.match(exit?.reason ?? '', /OOM kill/);
  const show = await crashmon(['show', '--app', 'app'], { stateDir: state.path });
  assert.equal(show.code, 1);
  assert.match(show.stdout, /^No call stack for .*Known cause: OOM kill by the kernel/s);
  assert.match(
    show.stdout.replaceAll(/\s+/g, ' '),
    /After 3 more crashes of app within 24 h, Crashmon is armed to capture the next one/,
  );
  const json = JSON.parse((await crashmon(['show', '--json'], { stateDir: state.path })).stdout);
  assert.deepEqual([json.kind, json.report, json.knownCauses[0].id], ['oom-kill', null, 'killed-for-memory']);
  await assertNothingLeft(state.path);
});

test('the cgroup that counts is that of the worker, not that of crashmon', async () => {
  await using state = await stateDirectory();
  await using cgroup = memoryCgroup(256 * 1024 * 1024);
  // As `systemd-run --scope` does: the worker leaves crashmon's cgroup before it becomes the app.
  const command = ['sh', '-c', `echo $$ > ${cgroup.procs}; exec "$@"`, 'sh', ...fixture('eats-memory.cjs')];
  const ended = await run({ stateDir: state.path, options: ['--restart', 'never'], command });
  assert.equal(ended.signal, 'SIGKILL', ended.stderr);
  const [exit] = exitsOf(state.path);
  assert.equal(exit?.counted, true, exit?.reason);
  assert.match(exit?.reason ?? '', /OOM kill/);
  await assertNothingLeft(state.path);
});
