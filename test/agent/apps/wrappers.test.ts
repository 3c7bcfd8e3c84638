import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crashmon, startCrashmon } from '../../support/crashmon.ts';
import { assertNothingLeft, processesMarked } from '../../support/leftovers.ts';
import { tested } from '../../support/matrix.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { cleanEnvironment, pathWith } from '../../support/npm.ts';
import { runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { storedExits } from '../../support/stored-exits.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { statusOf } from '../run-worker.ts';
import { APPS } from './run-app.ts';

const PACKAGES = path.join(APPS, 'node_modules');
const YARN_1 = path.join(PACKAGES, 'yarn/bin/yarn.js');
const YARN_4 = path.join(PACKAGES, '@yarnpkg/cli-dist/bin/yarn.js');
const CRASHES = 'serves-and-dies.cjs';
const SERVES = 'serves.cjs';

const COMMANDS = 'tsx nodemon pnpm c8 nyc cross-env dotenv concurrently pm2-runtime'.split(' ');

type Wrapped = {
  command: readonly string[];
  /** Shell script of `npm start`. */
  start?: string;
  /** What the app's folder needs before. */
  before?: readonly string[];
  top?: string;
  file?: string;
  isRepeated?: true;
};

const WRAPPED: readonly Wrapped[] = [
  { command: ['npm', 'start'], isRepeated: true },
  { command: ['npm', 'run', 'start', '--silent'], isRepeated: true },
  { command: ['npm', 'start'], start: `nodemon --exitcrash ${CRASHES}`, isRepeated: true },
  {
    command: ['npm', 'start'],
    start: 'tsx serves-and-dies.ts',
    file: 'serves-and-dies.ts',
    isRepeated: true,
  },
  { command: ['pnpm', 'start'], isRepeated: true },
  { command: ['pnpm', 'exec', 'node', CRASHES] },
  { command: ['node', YARN_1, 'start'], isRepeated: true },
  { command: ['node', YARN_1, '--silent', 'run', 'start'], isRepeated: true },
  // Plug'n'Play: the app is started with a loader in NODE_OPTIONS.
  { command: ['node', YARN_4, 'start'], before: ['node', YARN_4, 'install'] },
  { command: ['node', '--run', 'start'] },
  { command: ['nodemon', '--exitcrash', CRASHES] },
  { command: ['tsx', 'serves-and-dies.ts'], file: 'serves-and-dies.ts', isRepeated: true },
  { command: ['npx', '--no', 'tsx', 'serves-and-dies.ts'], file: 'serves-and-dies.ts' },
  { command: ['npx', '--no', 'c8', 'node', CRASHES], isRepeated: true },
  { command: ['nyc', 'node', CRASHES] },
  { command: ['cross-env', 'A=1', 'node', CRASHES], isRepeated: true },
  { command: ['dotenv', '-v', 'A=1', '--', 'node', CRASHES], isRepeated: true },
  { command: ['concurrently', '--raw', `node ${CRASHES}`] },
  { command: ['npm', 'start'], start: `cross-env A=1 c8 node ${CRASHES}` },
  {
    command: ['node', '--import', 'tsx', 'serves-and-dies.ts'],
    file: 'serves-and-dies.ts',
    isRepeated: true,
  },
  { command: ['sh', '-c', `node ${CRASHES}`], isRepeated: true },
  { command: ['sh', '-c', `node --version && exec node ${CRASHES}`] },
  { command: ['sh', '-c', `node ${CRASHES} | cat; exit 1`] },
  { command: ['node', 'cluster-primary.cjs', 'dies'], top: 'superviseWorkers', file: 'cluster-primary.cjs' },
];

describe('crashmon in front of a wrapper captures the server', { concurrency: 2 }, () => {
  for (const { command, start, before, top = 'placeOrder', file = CRASHES } of tested(WRAPPED)) {
    const title = command.map((word) => path.relative(APPS, path.resolve(APPS, word))).join(' ');
    test(start === undefined ? title : `${title}: ${start}`, async () => {
      await using state = await stateDirectory();
      await using app = await shop(start ?? `node ${CRASHES}`);
      const options = { cwd: app.path, env: environment(app.path) };
      if (before) {
        const { code, stdout } = await runProgram(before[0] ?? '', before.slice(1), options);
        assert.equal(code, 0, stdout);
      }
      const run = await crashmon(
        ['run', '--quiet', '--name', 'shop', '--arm-after', '0', '--restart', 'never', '--', ...command],
        { stateDir: state.path, ...options },
      );
      assert.equal(run.code, 1, run.stderr);
      // What the workers of a cluster leave can be reported later.
      const main = storedExits(state.path).find(({ process }) => process.role === 'main');
      const report = await untilReported(state.path, main?.id);
      assert.equal(report.kind, 'exception');
      assert.equal(report.exceptionType, 'TypeError');
      const [frame] = report.frames;
      assert.deepEqual([frame?.function, frame?.file, frame?.inApp], [top, file, true]);
    });
  }
});

/** Commands that run `serves.cjs`, with what starts it in the table of wrappers. */
const IDLE: readonly { command: readonly string[]; isRepeated?: true }[] = [
  { command: ['npm', 'start'] },
  { command: ['npx', '--no', 'c8', 'node', SERVES], isRepeated: true },
  { command: ['pnpm', 'exec', 'node', SERVES], isRepeated: true },
  { command: ['node', YARN_1, 'start'], isRepeated: true },
  { command: ['tsx', SERVES], isRepeated: true },
  { command: ['nyc', 'node', SERVES], isRepeated: true },
  { command: ['nodemon', SERVES], isRepeated: true },
  { command: ['cross-env', 'A=1', 'node', SERVES], isRepeated: true },
  { command: ['dotenv', '-v', 'A=1', '--', 'node', SERVES], isRepeated: true },
  { command: ['concurrently', `node ${SERVES}`], isRepeated: true },
  { command: ['pm2-runtime', SERVES] },
  { command: ['env', 'A=1', 'sh', '-c', `node ${SERVES}; exit $?`] },
];

describe('the process that a debugger is for is the server', { concurrency: 2 }, () => {
  for (const { command } of tested(IDLE)) {
    test(command.map((word) => path.relative(APPS, path.resolve(APPS, word))).join(' '), async () => {
      await using state = await stateDirectory();
      await using app = await shop(`node ${SERVES}`);
      const pidFile = path.join(app.path, 'pid');
      await using agent = startCrashmon(['run', '--name', 'shop', '--stop-timeout', '3s', '--', ...command], {
        stateDir: state.path,
        cwd: app.path,
        env: { ...environment(app.path), PID_FILE: pidFile },
      });
      await agent.waitForLine('stderr', /shop started/);
      while (!existsSync(pidFile)) await delay(50);
      const [status] = statusOf(state.path);
      const pid = Number(await readFile(pidFile, 'utf8'));
      assert.equal(status?.worker?.pid, pid);
      agent.kill('SIGTERM');
      await agent.exited;
      // Some wrappers leave it.
      if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      await assertNothingLeft(state.path);
    });
  }
});

describe('an app that is called like a wrapper is captured', { concurrency: 2 }, () => {
  const names = ['npm', 'pm2', 'clinic', 'nodemon', 'c8', 'tsx', 'yarn'];
  for (const { name } of tested(names.map((name, at) => ({ name, isRepeated: at > 0 })))) {
    test(name, async () => {
      await using state = await stateDirectory();
      await using parent = await temporaryDirectory('named');
      const folder = path.join(parent.path, name);
      await mkdir(folder);
      for (const file of [CRASHES, 'ask.cjs'])
        await copyFile(path.join(APPS, 'src', file), path.join(folder, file));
      await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name, main: CRASHES }));
      const run = await crashmon(
        ['run', '--quiet', '--arm-after', '0', '--restart', 'never', '--', 'node', CRASHES],
        { stateDir: state.path, cwd: folder, env: environment(folder) },
      );
      assert.equal(run.code, 1, run.stderr);
      assert.equal((await untilReported(state.path)).frames[0]?.function, 'placeOrder');
    });
  }
});

test('a primary whose workers die, and which lives on, did not crash', async () => {
  await using state = await stateDirectory();
  await using app = await shop('');
  const options = { stateDir: state.path, cwd: app.path, env: environment(app.path) };
  const command = ['node', 'cluster-primary.cjs', 'lives'];
  const run = await crashmon(
    ['run', '--quiet', '--arm-after', '0', '--restart', 'never', '--', ...command],
    options,
  );
  assert.deepEqual([run.code, run.stdout], [0, 'a worker ended with 1\n'.repeat(3)]);
  const exits: { process: { role: string }; counted: boolean; captured: boolean; reason: string }[] =
    JSON.parse((await crashmon(['crashes', '--json'], options)).stdout);
  // Its workers' crashes stand there, too, as far as they lived long enough to be found.
  const exit = exits.find(({ process: { role } }) => role === 'main');
  assert.deepEqual([exit?.counted, exit?.captured], [false, false], exit?.reason);
});

const isRunning = (pid: number) => processesMarked('').some((other) => other.pid === pid);

/** An app's folder with what npx and `npm start` look for. */
async function shop(start: string): ReturnType<typeof temporaryDirectory> {
  const folder = await temporaryDirectory('shop');
  await mkdir(path.join(folder.path, 'node_modules/.bin'), { recursive: true });
  for (const name of ['tsx', 'nodemon', 'pnpm', 'c8']) {
    await symlink(path.join(PACKAGES, name), path.join(folder.path, 'node_modules', name));
  }
  for (const name of COMMANDS) {
    await symlink(path.join(PACKAGES, '.bin', name), path.join(folder.path, 'node_modules/.bin', name));
  }
  for (const name of [CRASHES, SERVES, 'serves-and-dies.ts', 'cluster-primary.cjs', 'ask.cjs']) {
    await copyFile(path.join(APPS, 'src', name), path.join(folder.path, name));
  }
  const description = { name: 'shop', version: '1.0.0', private: true, scripts: { start } };
  await writeFile(path.join(folder.path, 'package.json'), JSON.stringify(description));
  return folder;
}

/** Wrappers keep what they want to remember in the app's folder, and do not use the network. */
function environment(folder: string): Record<string, string | undefined> {
  return {
    ...cleanEnvironment(),
    // Yarn and tsx leave directories there.
    TMPDIR: folder,
    PATH: pathWith(path.dirname(nodeBinary(24).path), path.join(folder, 'node_modules/.bin')),
    HOME: folder,
    XDG_CACHE_HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_STATE_HOME: folder,
    PM2_HOME: path.join(folder, 'pm2'),
    NO_UPDATE_NOTIFIER: '1',
    npm_config_update_notifier: 'false',
    YARN_ENABLE_NETWORK: '0',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
  };
}
