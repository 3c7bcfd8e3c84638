import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MAIN } from '../support/crashmon.ts';
import { assertNothingLeft, processesMarked, standardErrorFiles } from '../support/leftovers.ts';
import { rounds } from '../support/rounds.ts';
import { SEED, seededRandom } from '../support/seed.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { exitsOf, fixture, startRun, statusOf } from './run-worker.ts';

const KILLS = rounds(4);

/** Neither its pipes nor its process group tie the worker to this test: only crashmon's end may be its end. */
function spawnRun(stateDir: string, options: readonly string[], command: readonly string[]): ChildProcess {
  const args = [MAIN, 'run', '--name', 'app', ...options, '--', ...command];
  return spawn(process.execPath, args, {
    stdio: 'ignore',
    env: {
      ...process.env,
      CRASHMON_STATE_DIR: stateDir,
      NODE_OPTIONS: undefined,
      NODE_TEST_CONTEXT: undefined,
    },
  });
}

function killOneOf(name: string, mark: string): void {
  const found = processesMarked(mark).find(({ commandLine }) => commandLine.includes(name));
  if (found !== undefined) process.kill(found.pid, 'SIGKILL');
}

type Truth = { starts: string[]; deaths: string[]; stops: string[]; twice: string[] };

function readTruth(directory: string): Truth {
  const lines = readFileSync(path.join(directory, 'truth'), 'utf8').trim().split('\n');
  const of = (what: string) =>
    lines.filter((line) => line.startsWith(`${what} `)).map((line) => line.split(' ')[2] ?? '');
  return { starts: of('start'), deaths: of('death'), stops: of('stop'), twice: of('TWICE') };
}

async function rawOf(stateDir: string): Promise<string[]> {
  const [instance = ''] = await readdir(path.join(stateDir, 'apps', 'app'));
  return readdir(path.join(stateDir, 'apps', 'app', instance, 'raw'));
}

test(`killed at random points of a crash loop it loses nothing and counts nothing twice (seed ${SEED})`, async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('truth');
  const random = seededRandom(SEED);
  const command = fixture('crashes-at-random.cjs', directory.path, String(SEED));
  const options = ['--restart-delay', '0', '--arm-after', '1', '--cooldown', '0', '--quiet'];
  for (let kill = 0; kill < KILLS; kill++) {
    const agent = spawnRun(state.path, options, command);
    await delay(random() * (random() < 0.3 ? 150 : 900));
    if (random() < 0.2) killOneOf('analysis-process', state.path);
    const [standardError] = standardErrorFiles(state.path);
    if (random() < 0.2 && standardError !== undefined) killOneOf('stderr-keeper.sh', standardError);
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    if (random() < 0.5) await delay(random() * 300);
  }

  // The last one puts everything in order and is stopped.
  await using agent = startRun({ stateDir: state.path, options: options.slice(0, -1), command });
  await agent.waitForLine('stderr', /started|taken over/);
  await agent.waitForLine('stderr', /crashed/);
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
  assert.deepEqual(await rawOf(state.path), []);
  assert.equal(statusOf(state.path)[0]?.worker, null);

  const { starts, deaths, stops, twice } = readTruth(directory.path);
  const exits = exitsOf(state.path);
  assert.deepEqual(twice, [], 'two workers at once');
  assert.equal(new Set(starts).size, starts.length, 'a run was started twice');
  const ids = exits.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'an exit was recorded twice');
  assert.deepEqual(
    starts.filter((id) => !ids.includes(id)),
    [],
    'exits were lost',
  );
  // Between "about to start" and the start a kill leaves a run that there may have been none of: it must not count.
  const phantoms = exits.filter(({ id }) => !starts.includes(id));
  assert.deepEqual(
    phantoms.filter(({ counted }) => counted),
    [],
  );
  assert.ok(phantoms.length <= KILLS);
  const counted = exits.filter((exit) => exit.counted).map(({ id }) => id);
  assert.deepEqual(
    counted.filter((id) => !deaths.includes(id)),
    [],
    'counted without a death',
  );
  assert.ok(stops.length <= 1, 'killing crashmon must stop no worker');
  // A worker that did not exit by itself was stopped at the end or is still the one that was taken over.
  const ended = new Set([...deaths, ...stops]);
  assert.deepEqual(
    exits.filter(({ id }) => starts.includes(id) && !ended.has(id)),
    [],
    'ended for another reason',
  );
  assert.equal(starts.length, deaths.length + stops.length);
  process.stderr.write(
    `# ${KILLS} kills, ${starts.length} lives, ${counted.length} counted, ${phantoms.length} phantoms\n`,
  );
});

test('an orphan of another command is replaced, and stopped like on any stop', async () => {
  await using state = await stateDirectory();
  await using first = startRun({ stateDir: state.path, command: fixture('prints-signals.cjs', 'ends') });
  const [, orphan] = await first.waitForLine('stdout', /^running (\d+)/);
  first.kill('SIGKILL');
  await first.exited;
  await using second = startRun({
    stateDir: state.path,
    command: fixture('prints-signals.cjs', 'ends', '5'),
  });
  const [, worker] = await second.waitForLine('stdout', /^running (\d+)/);
  assert.notEqual(worker, orphan);
  assert.deepEqual(first.stdout.match(/got .*/g), ['got SIGTERM']);
  assert.equal(processesMarked(state.path).filter(({ pid }) => pid === Number(orphan)).length, 0);
  second.kill('SIGTERM');
  assert.equal((await second.exited).code, 5);
  const exits = exitsOf(state.path);
  assert.deepEqual(
    exits.map(({ counted }) => counted),
    [false, false],
  );
  await assertNothingLeft(state.path);
});

test('an orphan of the same command is taken over, stopped with crashmon and restarted when it dies', async () => {
  await using state = await stateDirectory();
  const command = fixture('prints-signals.cjs', 'ends');
  const options = ['--restart-delay', '0'];
  await using first = startRun({ stateDir: state.path, options, command });
  const [, orphan = ''] = await first.waitForLine('stdout', /^running (\d+)/);
  first.kill('SIGKILL');
  await first.exited;
  await using second = startRun({ stateDir: state.path, options, command });
  await second.waitForLine('stderr', new RegExp(`taken over, pid ${orphan}`));
  assert.equal(statusOf(state.path)[0]?.worker?.pid, Number(orphan));
  second.kill('SIGHUP');
  await first.waitForLine('stdout', /^got SIGHUP/);
  process.kill(Number(orphan), 'SIGKILL');
  await second.waitForLine('stdout', /^running/);
  second.kill('SIGTERM');
  assert.equal((await second.exited).code, 0);
  assert.equal(exitsOf(state.path).length, 2);
  await assertNothingLeft(state.path);
});
