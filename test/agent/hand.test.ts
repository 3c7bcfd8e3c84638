import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../support/crashmon.ts';
import { assertNothingLeft, standardErrorFiles } from '../support/leftovers.ts';
import { tested } from '../support/matrix.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { exitsOf, fixture, run, startRun, statusOf } from './run-worker.ts';

describe('the kill switch', { concurrency: 2 }, () => {
  for (const { name, value } of tested([
    { name: 'WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED', value: 'FALSE' },
    { name: 'WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED', value: 'False', isRepeated: true },
    { name: 'CRASHMON_ENABLED', value: 'false' },
  ])) {
    test(`${name}=${value}: restarts as ever, and no trace in the worker or of it`, async () => {
      await using state = await stateDirectory();
      const script =
        `n=$(cat ${state.path}/n 2>/dev/null || echo 0); echo $((n + 1)) > ${state.path}/n;` +
        'env | grep -E "CRASHMON_RUN|CRASHMON_PROBE_DIR|NODE_OPTIONS"; readlink /proc/$$/fd/2; echo words >&2; [ $n -ge 6 ]';
      const { code, stdout, stderr } = await run({
        stateDir: state.path,
        options: ['--restart-delay', '0', '--arm-after', '0', '--quiet'],
        command: ['sh', '-c', script],
        env: { [name]: value },
      });
      assert.equal(code, 0);
      assert.equal(stdout.match(/^(?:pipe|socket):.*$/gm)?.length, 7);
      assert.doesNotMatch(stdout, /CRASHMON|NODE_OPTIONS/);
      assert.equal(stderr, 'words\n'.repeat(7));
      assert.deepEqual(exitsOf(state.path), []);
      assert.equal(statusOf(state.path)[0]?.state, 'disabled');
      assert.deepEqual(standardErrorFiles(state.path), []);
      await assertNothingLeft(state.path);
    });
  }
});

test('two crashmons of one app are two instances, each with its own memory', async () => {
  await using state = await stateDirectory();
  const watched = { stateDir: state.path, command: fixture('prints-signals.cjs', 'ends') };
  await using one = startRun(watched);
  const [, first] = await one.waitForLine('stdout', /^running (\d+)/);
  await using other = startRun(watched);
  const [, second] = await other.waitForLine('stdout', /^running (\d+)/);
  await other.waitForLine('stderr', /another crashmon already monitors app here/);
  for (const agent of [one, other]) await agent.waitForLine('stderr', /started, pid/);
  const pids = Object.fromEntries(
    statusOf(state.path).map(({ instance, worker }) => [instance, worker?.pid]),
  );
  assert.deepEqual(pids, { [hostname()]: Number(first), [`${hostname()}~2`]: Number(second) });
  one.kill('SIGTERM');
  assert.equal((await one.exited).code, 0);
  // The slot is free again, and nothing of the second one's is taken for ours.
  await using third = startRun(watched);
  await third.waitForLine('stdout', /^running/);
  assert.doesNotMatch(third.stderr, /another crashmon|taken over/);
  for (const agent of [other, third]) {
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
  }
  assert.deepEqual(other.stdout.match(/got .*/g), ['got SIGTERM']);
  await assertNothingLeft(state.path);
});

test('arm --restart, arm and disarm reach a running agent', async () => {
  await using state = await stateDirectory();
  const { path: stateDir } = state;
  const verb = async (...args: string[]) => assert.equal((await crashmon(args, { stateDir })).code, 0);
  const options = ['--restart-delay', '0', '--json'];
  await using agent = startRun({ stateDir, options, command: fixture('prints-signals.cjs', 'ends') });
  /** Armed or not, of the start that comes after. */
  const nextStart = async (cause: () => Promise<void>): Promise<[boolean, number]> => {
    const from = agent.stderr.length;
    await cause();
    const [line] = await agent.waitForLine('stderr', /^.*"event":"started".*$/, from);
    const started = JSON.parse(line);
    await agent.waitForLine('stdout', new RegExp(`^running ${started.pid}$`));
    return [started.armed, started.pid];
  };
  const [line] = await agent.waitForLine('stderr', /^.*"event":"started".*$/);
  let { pid } = JSON.parse(line);
  await agent.waitForLine('stdout', /^running/);
  const crash = async () => void process.kill(pid, 'SIGKILL');

  let armed: boolean;
  [armed, pid] = await nextStart(() => verb('arm', 'app', '--restart'));
  assert.equal(armed, true);
  assert.equal(agent.stdout.match(/got SIGTERM/g)?.length, 1, 'the restart is graceful');
  [armed, pid] = await nextStart(crash);
  assert.equal(armed, true, 'a kill from outside is no capture');
  await verb('disarm', 'app');
  [armed, pid] = await nextStart(crash);
  assert.equal(armed, false);
  await verb('arm', 'app');
  [armed, pid] = await nextStart(crash);
  assert.equal(armed, true);
  await verb('arm', 'app', '--auto');
  [armed, pid] = await nextStart(crash);
  assert.equal(armed, false);

  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
  const [instance = ''] = await readdir(path.join(stateDir, 'apps/app'));
  assert.deepEqual(await readdir(path.join(stateDir, 'apps/app', instance, 'requests')), []);
  assert.ok(exitsOf(stateDir).every(({ counted }) => !counted));
  await assertNothingLeft(stateDir);
});
