import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assertNothingLeft } from '../support/leftovers.ts';
import { tested } from '../support/matrix.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { untilReported } from '../support/until-reported.ts';
import { exitsOf, run, startRun, statusOf } from './run-worker.ts';

const SERVER = `
process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => { throw new TypeError('asked for'); });
console.log('running ' + process.pid);
setInterval(() => {}, 60_000);
`;
const NODE = `'${process.execPath}'`;
const ARMED = ['--arm-after', '0', '--restart', 'never', '--stop-timeout', '5s'];

type Way = { command: string[]; scripts?: Record<string, string>; isRepeated?: true };

const WAYS: Record<string, Way> = {
  'npm start': { command: ['npm', 'start'], scripts: { start: `${NODE} server.js` }, isRepeated: true },
  'npm start with prestart': {
    command: ['npm', 'start'],
    scripts: { prestart: `${NODE} build.js`, start: `${NODE} server.js` },
  },
  'npm run in npm run': {
    command: ['npm', 'run', 'outer'],
    scripts: { outer: 'npm run inner', inner: `${NODE} server.js` },
  },
  'sh -c': { command: ['sh', '-c', `${NODE} server.js; exit $?`], isRepeated: true },
  'a step before': { command: ['sh', '-c', `${NODE} build.js && ${NODE} server.js; exit $?`] },
  'exec in a shell': { command: ['bash', '-c', `exec ${NODE} server.js`] },
};

describe('below a wrapper the server is what is monitored', { concurrency: 2 }, () => {
  for (const { name, command, scripts = {} } of tested(
    Object.entries(WAYS).map(([name, way]) => ({ name, ...way })),
  )) {
    test(name, async () => {
      await using state = await stateDirectory();
      await using app = await temporaryDirectory('wrapped');
      await writeFile(path.join(app.path, 'package.json'), JSON.stringify({ name: 'wrapped', scripts }));
      await writeFile(path.join(app.path, 'server.js'), SERVER);
      await writeFile(path.join(app.path, 'build.js'), 'console.log("built")');
      const options = ['--arm-after', '0', '--restart-delay', '0', '--stop-timeout', '5s'];
      await using agent = startRun({ stateDir: state.path, options, command, cwd: app.path });
      const [, pid] = await agent.waitForLine('stdout', /^running (\d+)/);
      await agent.waitForLine('stderr', /started, pid/);
      assert.equal(statusOf(state.path)[0]?.worker?.pid, Number(pid));
      process.kill(Number(pid), 'SIGUSR2');
      await agent.waitForLine('stdout', new RegExp(`^running (?!${pid}$)\\d+`));
      agent.kill('SIGTERM');
      await agent.exited;
      const report = await untilReported(state.path);
      assert.equal(report.exceptionType, 'TypeError');
      assert.equal(report.frames.find(({ inApp }) => inApp)?.file, 'server.js');
      assert.deepEqual(
        exitsOf(state.path).map(({ counted }) => counted),
        [false, true],
      );
      await assertNothingLeft(state.path);
    });
  }
});

describe('what fails with the probe runs without it', { concurrency: 2 }, () => {
  const PERMISSION = ['--permission', '--allow-fs-read=$APP'];
  const cases: Record<string, { command: (app: string) => string[]; problem: RegExp; times: number }> = {
    'the permission model on the command line': {
      command: (app) => [
        process.execPath,
        ...PERMISSION.map((word) => word.replace('$APP', app)),
        `${app}/ends.js`,
      ],
      problem: /cannot be armed: Node's permission model/,
      times: 1,
    },
    'the permission model in a shell': {
      command: (app) => ['sh', '-c', `${NODE} --permission --allow-fs-read=${app} ${app}/ends.js; exit $?`],
      problem: /cannot be armed: Node's permission model/,
      times: 1,
    },
    'the permission model where it cannot be seen': {
      command: (app) => ['sh', `${app}/start.sh`],
      problem: /cannot be armed: it does not start with the probe/,
      times: 2,
    },
  };
  for (const [name, { command, problem, times }] of Object.entries(cases)) {
    test(name, async () => {
      await using state = await stateDirectory();
      await using app = await temporaryDirectory('restricted');
      await writeFile(path.join(app.path, 'ends.js'), 'console.log("app ran"); process.exitCode = 5;');
      // Later versions allow what is preloaded by themselves.
      const node = `'${nodeBinary(20).path}'`;
      const start = `${node} --experimental-permission --allow-fs-read=${app.path} ${app.path}/ends.js\nexit $?\n`;
      await writeFile(path.join(app.path, 'start.sh'), start);
      const watched = { stateDir: state.path, options: ARMED, command: command(app.path) };
      for (let time = 0; time < times; time++) {
        const { code, stdout, stderr } = await run(watched);
        assert.equal(code, 5, stderr);
        assert.equal(stdout, 'app ran\n');
        assert.equal(stderr.match(new RegExp(problem, 'g'))?.length, 1, stderr);
      }
      const exits = exitsOf(state.path);
      assert.equal(exits.filter(({ counted }) => counted).length, times);
      // One start at most was lost to it, ever.
      assert.ok(exits.length <= times + 1);
      await assertNothingLeft(state.path);
    });
  }

  for (const [name, command] of Object.entries({
    'a shell': ['sh', '-c', 'echo app ran; exit 5'],
    awk: ['awk', 'BEGIN { print "app ran"; exit 5 }'],
  })) {
    test(`${name} is no Node`, async () => {
      await using state = await stateDirectory();
      for (const options of [ARMED, [...ARMED, '--no-stderr-tap']]) {
        const { code, stdout } = await run({ stateDir: state.path, options, command });
        assert.deepEqual([code, stdout], [5, 'app ran\n']);
      }
      await assertNothingLeft(state.path);
    });
  }
});
