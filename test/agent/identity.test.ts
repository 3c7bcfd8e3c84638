import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, readdir, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { CHECKOUT, MAIN, startCrashmon } from '../support/crashmon.ts';
import { assertNothingLeft, processesMarked } from '../support/leftovers.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { exitsOf, statusOf } from './run-worker.ts';

const FIXTURE = path.join(CHECKOUT, 'test', 'fixtures', 'agent', 'prints-signals.cjs');

/** A folder without package.json that holds `server.js`. */
async function appFolder(parent: string, name: string): Promise<string> {
  const folder = path.join(parent, name);
  await mkdir(folder);
  await copyFile(FIXTURE, path.join(folder, 'server.js'));
  return folder;
}

function start(stateDir: string, cwd: string, options: string[] = [], args: string[] = []): RunningProgram {
  const command = [process.execPath, 'server.js', 'ends', ...args];
  return startCrashmon(['run', '--instance', 'host', ...options, '--', ...command], {
    stateDir,
    cwd,
    env: { PWD: cwd },
  });
}

async function running(program: RunningProgram): Promise<number> {
  const [, pid] = await program.waitForLine('stdout', /^running (\d+)/);
  await program.waitForLine('stderr', /started, pid/);
  return Number(pid);
}

async function stop(program: RunningProgram): Promise<void> {
  program.kill('SIGTERM');
  await program.exited;
}

/** Kills crashmon alone, and leaves its worker. */
async function kill(program: RunningProgram): Promise<void> {
  program.kill('SIGKILL');
  await program.exited;
}

const isRunning = (stateDir: string, pid: number) =>
  processesMarked(stateDir).some((process) => process.pid === pid);

describe('two apps never share an identity', { concurrency: 2 }, () => {
  test('two folders without package.json: the other one’s orphan is left alone, its own is taken over', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('apps');
    const [one, two] = [await appFolder(folder.path, 'one'), await appFolder(folder.path, 'two')];
    await using first = start(state.path, one);
    const orphan = await running(first);
    await kill(first);

    await using second = start(state.path, two);
    const worker = await running(second);
    assert.notEqual(worker, orphan);
    assert.ok(isRunning(state.path, orphan), 'the healthy worker of the other app');
    assert.match(
      second.stderr,
      new RegExp(`the app in ${one} is also named server; this is instance host~2`),
    );
    await using again = start(state.path, one);
    await again.waitForLine('stderr', new RegExp(`taken over, pid ${orphan}`));
    assert.deepEqual(
      statusOf(state.path).map(({ app, instance, worker: of }) => [app, instance, of?.pid]),
      [
        ['server', 'host', orphan],
        ['server', 'host~2', worker],
      ],
    );
    assert.doesNotMatch(first.stdout, /got/);
    await stop(again);
    await stop(second);
    // Each keeps its name, in any order of start.
    await using late = start(state.path, two);
    await running(late);
    assert.match(late.stderr, /this is instance host~2/);
    await stop(late);
    await assertNothingLeft(state.path);
  });

  test('two programs of one folder: an orphan of another command is left alone', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('apps');
    const cwd = await appFolder(folder.path, 'one');
    await using web = start(state.path, cwd);
    const orphan = await running(web);
    await kill(web);
    await using other = start(state.path, cwd, [], ['5']);
    await running(other);
    assert.match(other.stderr, new RegExp(`pid ${orphan}. It is left alone, and this is instance host~2`));
    assert.ok(isRunning(state.path, orphan));
    await stop(other);
    await using again = start(state.path, cwd);
    await again.waitForLine('stderr', new RegExp(`taken over, pid ${orphan}`));
    await stop(again);
    await assertNothingLeft(state.path);
  });

  test('with --name a deploy to another directory goes on counting, and replaces the orphan', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('apps');
    const [one, two] = [await appFolder(folder.path, 'one'), await appFolder(folder.path, 'two')];
    await using first = start(state.path, one, ['--name', 'shop']);
    const orphan = await running(first);
    await kill(first);
    await using second = start(state.path, two, ['--name', 'shop']);
    await running(second);
    assert.ok(!isRunning(state.path, orphan));
    assert.match(first.stdout, /got SIGTERM/);
    assert.doesNotMatch(second.stderr, /host~2/);
    await stop(second);
    assert.equal(exitsOf(state.path).length, 2);
    await assertNothingLeft(state.path);
  });

  test('a link that a deploy turns to another directory leaves the app what it was', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('apps');
    const [one, two] = [await appFolder(folder.path, 'one'), await appFolder(folder.path, 'two')];
    const current = path.join(folder.path, 'current');
    for (const release of [one, two]) {
      await symlink(release, current);
      await using program = start(state.path, current);
      await running(program);
      assert.doesNotMatch(program.stderr, /host~2/);
      await stop(program);
      await unlink(current);
    }
    assert.equal(exitsOf(state.path).length, 2);
    await assertNothingLeft(state.path);
  });

  test('a journal from before the directory decided is adopted by the app of its directory', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('apps');
    const [one, two] = [await appFolder(folder.path, 'one'), await appFolder(folder.path, 'two')];
    await using first = start(state.path, one);
    await running(first);
    await stop(first);
    const [app = ''] = await readdir(path.join(state.path, 'apps'));
    using journal = new DatabaseSync(path.join(state.path, 'apps', app, 'host', 'journal.db'));
    journal.exec(
      "UPDATE documents SET document = json_remove(document, '$.named', '$.place') WHERE name = 'settings'",
    );
    journal.close();
    for (const [cwd, instance] of [
      [two, 'host~2'],
      [one, 'host'],
    ] as const) {
      await using program = start(state.path, cwd);
      await running(program);
      const status = statusOf(state.path);
      assert.deepEqual(
        status.filter(({ worker }) => worker !== null).map((listed) => listed.instance),
        [instance],
      );
      await stop(program);
    }
    assert.equal(exitsOf(state.path).length, 3);
    await assertNothingLeft(state.path);
  });

  test('two users with one state directory: the second one runs without memory and touches nothing', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('apps');
    await chmod(state.path, 0o1777);
    await chmod(folder.path, 0o755);
    const cwd = await appFolder(folder.path, 'one');
    await using first = start(state.path, cwd);
    const orphan = await running(first);
    await kill(first);
    const args = ['--reuid=12345', '--regid=12345', '--clear-groups', process.execPath, MAIN, 'run'];
    await using second = startProgram(
      'setpriv',
      [...args, '--instance', 'host', '--', process.execPath, 'server.js', 'ends'],
      { cwd, env: { CRASHMON_STATE_DIR: state.path, HOME: undefined } },
    );
    await running(second);
    assert.match(second.stderr, /problem: .*belongs to user|problem: .*permission denied/);
    assert.ok(isRunning(state.path, orphan));
    await stop(second);
    await using again = start(state.path, cwd);
    await again.waitForLine('stderr', new RegExp(`taken over, pid ${orphan}`));
    await stop(again);
    await assertNothingLeft(state.path);
  });
});
