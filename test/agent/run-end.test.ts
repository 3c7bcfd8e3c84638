import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { CHECKOUT, MAIN } from '../support/crashmon.ts';
import { isRunning } from '../support/is-running.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { cleanEnvironment, pathWith } from '../support/npm.ts';
import { startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { fixture, run, startRun } from './run-worker.ts';

const PACKAGES = path.join(CHECKOUT, 'test', 'apps', 'node_modules');
const NODE = `'${process.execPath}'`;
const SERVER = path.join(CHECKOUT, 'test', 'fixtures', 'agent', 'serves.cjs');
const AT_ONCE = ['--restart-delay', '0'];

/** A shell that stays above the server, and knows nothing of passing signals on. */
function belowShell(name: string, way = ''): string[] {
  return ['sh', '-c', `${NODE} '${SERVER}' ${name} ${way}; true`];
}

const WRAPPERS: Record<string, string[]> = {
  'npm start': ['npm', 'start'],
  'npm run in npm run': ['npm', 'run', 'outer'],
  'npx tsx': ['npx', '--no', 'tsx', 'serves.ts', 'NAME'],
  tsx: ['tsx', 'serves.ts', 'NAME'],
  'pnpm start': ['pnpm', 'start'],
  'yarn start': ['node', path.join(PACKAGES, 'yarn/bin/yarn.js'), 'start'],
  'sh -c': ['sh', '-c', `${NODE} serves.cjs NAME; true`],
  'bash -c': ['bash', '-c', `${NODE} serves.cjs NAME & wait; true`],
};

test('a worker that ends at once gets no line about a problem', async () => {
  await using state = await stateDirectory();
  const { code, stderr } = await run({ stateDir: state.path, command: ['true'] });
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /problem/);
});

describe('a stop ends what a wrapper started', { concurrency: 2 }, () => {
  for (const [title, command] of Object.entries(WRAPPERS)) {
    test(title, async () => {
      const name = randomUUID();
      await using state = await stateDirectory();
      await using app = await shop(name);
      await using agent = startRun({
        stateDir: state.path,
        command: command.map((word) => word.replace('NAME', name)),
        cwd: app.path,
        env: {
          ...cleanEnvironment(),
          PATH: pathWith(path.join(PACKAGES, '.bin'), path.dirname(process.execPath)),
        },
      });
      const [, pid] = await agent.waitForLine('stdout', /^serving (\d+)/);
      agent.kill('SIGTERM');
      await agent.exited;
      // Not a moment later: the next start may come at once.
      assert.equal(isRunning(Number(pid)), false, agent.stderr);
      await assertNothingLeft(state.path);
    });
  }
});

describe('what is left of a run', { concurrency: 2 }, () => {
  test('is killed after the stop timeout where it ignores SIGTERM', async () => {
    await using state = await stateDirectory();
    const options = ['--stop-timeout', '500ms'];
    await using agent = startRun({
      stateDir: state.path,
      options,
      command: belowShell(randomUUID(), 'stays'),
    });
    const [, pid] = await agent.waitForLine('stdout', /^serving (\d+)/);
    agent.kill('SIGTERM');
    // The exit status is the worker's own.
    assert.equal((await agent.exited).signal, 'SIGTERM');
    assert.equal(agent.stdout.match(/got SIGTERM/g)?.length, 1);
    assert.match(agent.stderr, /SIGKILL to 1 process that app left running/);
    assert.equal(isRunning(Number(pid)), false);
    await assertNothingLeft(state.path);
  });

  test('is left alone with --kill-mode process', async () => {
    await using state = await stateDirectory();
    const options = ['--kill-mode', 'process'];
    await using agent = startRun({ stateDir: state.path, options, command: belowShell(randomUUID()) });
    const [, pid] = await agent.waitForLine('stdout', /^serving (\d+)/);
    agent.kill('SIGTERM');
    await agent.exited;
    assert.equal(isRunning(Number(pid)), true);
    process.kill(Number(pid), 'SIGTERM');
    await assertNothingLeft(state.path);
  });

  test('is left alone where the worker ended by itself', async () => {
    await using state = await stateDirectory();
    await using temporary = await temporaryDirectory();
    // Without its output, which crashmon's caller would wait for.
    const daemon = `sleep 60 >/dev/null 2>&1 & echo $! > ${temporary.path}/pid; cat ${temporary.path}/pid`;
    // Its disposal kills the group, and the daemon with it.
    await using agent = startRun({ stateDir: state.path, command: ['sh', '-c', daemon] });
    const { code, stdout } = await agent.exited;
    assert.equal(code, 0);
    assert.equal(isRunning(Number(stdout)), true);
    process.kill(Number(stdout), 'SIGTERM');
    await assertNothingLeft(state.path);
  });

  test('is gone before a restart, also in a session of its own', async () => {
    await using state = await stateDirectory();
    const name = randomUUID();
    const command = ['sh', '-c', `setsid ${NODE} '${SERVER}' ${name}; true`];
    await using agent = startRun({ stateDir: state.path, options: AT_ONCE, command });
    for (let from = 0, served = 0, lives = 0; lives < 3; lives += 1) {
      const [, worker] = await agent.waitForLine('stderr', /started.*pid (\d+)/, from);
      from = agent.stderr.length;
      // It can come before the line of crashmon.
      const [line] = await agent.waitForLine('stdout', /^serving \d+/m, served);
      served = agent.stdout.indexOf(line, served) + line.length;
      process.kill(Number(worker), 'SIGKILL');
    }
    await agent.waitForLine('stderr', /restart 3/);
    assert.doesNotMatch(agent.stdout, /refused/);
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });

  test('is found below a process that collects orphans, or crashmon itself', async () => {
    // PR_SET_CHILD_SUBREAPER survives execve(2).
    const set = 'import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)';
    const become = `${set}; os.execvp(sys.argv[1], sys.argv[1:])`;
    const wait = `${set}; os.spawnvp(os.P_WAIT, sys.argv[1], sys.argv[1:])`;
    await Promise.all([become, wait].map(isFoundBelow));
  });

  test('gets no second signal from here where the wrapper passes it on and waits', async () => {
    await using state = await stateDirectory();
    const [, ...server] = fixture('prints-signals.cjs', 'ends');
    const script = `${NODE} ${server.join(' ')} & trap 'kill -TERM $!; wait' TERM; wait`;
    await using agent = startRun({ stateDir: state.path, command: ['bash', '-c', script] });
    await agent.waitForLine('stdout', /^running/);
    agent.kill('SIGTERM');
    await agent.exited;
    assert.deepEqual(agent.stdout.match(/got .*/g), ['got SIGTERM']);
    await assertNothingLeft(state.path);
  });

  test('is not what another crashmon below it supervises', async () => {
    await using state = await stateDirectory();
    const inner = [MAIN, 'run', '--name', 'inner', '--quiet', '--'];
    const words = [...inner, ...fixture('prints-signals.cjs', 'ends')].map((word) => `'${word}'`);
    const command = ['sh', '-c', `${NODE} ${words.join(' ')}; true`];
    await using agent = startRun({ stateDir: state.path, command });
    const [, pid] = await agent.waitForLine('stdout', /^running (\d+)/);
    agent.kill('SIGTERM');
    await agent.exited;
    assert.deepEqual(agent.stdout.match(/got .*/g), ['got SIGTERM']);
    assert.equal(isRunning(Number(pid)), false);
    await assertNothingLeft(state.path);
  });

  test('is ended by the next crashmon, where both crashmon and the worker were killed', async () => {
    await using state = await stateDirectory();
    const name = randomUUID();
    const watched = { stateDir: state.path, options: AT_ONCE, command: belowShell(name) };
    let worker = '';
    {
      await using killed = startRun(watched);
      worker = (await killed.waitForLine('stderr', /started, pid (\d+)/))[1] ?? '';
      await killed.waitForLine('stdout', /^serving/);
      killed.kill('SIGKILL');
      await killed.exited;
      process.kill(Number(worker), 'SIGKILL');
      await using agent = startRun(watched);
      await agent.waitForLine('stdout', /^(serving|refused)/);
      assert.doesNotMatch(agent.stdout, /refused/);
      agent.kill('SIGTERM');
      await agent.exited;
    }
    await assertNothingLeft(state.path);
  });
});

test('a master of nginx that crashes leaves no worker to the next one', async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('nginx');
  const configuration = path.join(directory.path, 'nginx.conf');
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${directory.path}/${kind};`).join(' ');
  await writeFile(
    configuration,
    `daemon off; user root; worker_processes 2; pid ${directory.path}/pid; error_log stderr notice;
    events { worker_connections 64; }
    http { access_log off; ${temporary} server { listen unix:${directory.path}/s; return 200 hello; } }`,
  );
  const nginx = ['nginx', '-p', directory.path, '-e', 'stderr', '-c', configuration];
  // A socket's file outlives its server, a port would not.
  const command = ['sh', '-c', `rm -f ${directory.path}/s; exec "$@"`, 'sh', ...nginx];
  await using agent = startRun({ stateDir: state.path, options: AT_ONCE, command });
  const [, master] = await agent.waitForLine('stderr', /started, pid (\d+)/);
  await agent.waitForLine('stderr', /start worker process \d+/);
  // It writes its title over its environment, so its workers are known by having been seen below it: at a signal, for one.
  const workers = await childrenOf(Number(master), 2);
  agent.kill('SIGUSR1');
  await agent.waitForLine('stderr', /reopening logs/);
  process.kill(Number(master), 'SIGSEGV');
  await agent.waitForLine('stderr', /restart 1/);
  assert.deepEqual(workers.filter(isRunning), [], agent.stderr);
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
});

/** @param program of Python, which starts or becomes crashmon */
async function isFoundBelow(program: string): Promise<void> {
  await using state = await stateDirectory();
  const run = [MAIN, 'run', '--name', 'app', ...AT_ONCE, '--', ...belowShell(randomUUID())];
  const env = { CRASHMON_STATE_DIR: state.path };
  await using agent = startProgram('python3', ['-c', program, process.execPath, ...run], { env });
  const [, server] = await agent.waitForLine('stdout', /^serving (\d+)/);
  const [, worker] = await agent.waitForLine('stderr', /started, pid (\d+)/);
  const supervisor = readProcessStat(Number(worker))?.ppid ?? 0;
  process.kill(Number(worker), 'SIGKILL');
  await agent.waitForLine('stderr', /restart 1/);
  assert.equal(isRunning(Number(server)), false, agent.stderr);
  process.kill(supervisor, 'SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
}

async function childrenOf(pid: number, count: number): Promise<number[]> {
  for (;;) {
    const children = readdirSync('/proc')
      .map(Number)
      .filter((other) => Number.isInteger(other) && readProcessStat(other)?.ppid === pid);
    if (children.length >= count) return children;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function shop(name: string): ReturnType<typeof temporaryDirectory> {
  const folder = await temporaryDirectory('shop');
  await mkdir(path.join(folder.path, 'node_modules/.bin'), { recursive: true });
  for (const wrapper of ['tsx', 'pnpm']) {
    await symlink(path.join(PACKAGES, wrapper), path.join(folder.path, 'node_modules', wrapper));
    await symlink(path.join(PACKAGES, '.bin', wrapper), path.join(folder.path, 'node_modules/.bin', wrapper));
  }
  for (const copy of ['serves.cjs', 'serves.ts']) await copyFile(SERVER, path.join(folder.path, copy));
  const scripts = { start: `${NODE} serves.cjs ${name}`, outer: 'npm start' };
  await writeFile(path.join(folder.path, 'package.json'), JSON.stringify({ name: 'shop', scripts }));
  return folder;
}
