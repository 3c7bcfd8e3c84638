import assert from 'node:assert/strict';
import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon, startCrashmon } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { runProgram, startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';

const SHOP = path.join(CHECKOUT, 'examples/shop/dist/server.js');

test('./crashmon becomes the agent: signals, standard input and exit status are the program’s own', async () => {
  await using state = await stateDirectory();
  const worker = 'process.stdin.once("data", (text) => { console.log("read " + text); process.exit(0); })';
  await using agent = startProgram(
    path.join(CHECKOUT, 'crashmon'),
    ['run', '--restart', 'never', '--', nodeBinary(24).path, '-e', worker],
    { env: { CRASHMON_STATE_DIR: state.path }, input: 'hello\n' },
  );
  await agent.waitForLine('stdout', /^read hello$/);
  assert.equal((await agent.exited).code, 0);
  await assertNothingLeft(state.path);
});

test('NODE_OPTIONS is the worker’s: crashmon itself runs without', async () => {
  await using state = await stateDirectory();
  const worker =
    'console.log("options " + process.env.NODE_OPTIONS, process.title, process.env.CRASHMON_NODE_OPTIONS)';
  const { code, stdout, stderr } = await runProgram(
    path.join(CHECKOUT, 'crashmon'),
    ['run', '--quiet', '--', nodeBinary(24).path, '-e', worker],
    // An option that every Node process would show on standard error.
    { env: { CRASHMON_STATE_DIR: state.path, NODE_OPTIONS: '--title=mine --trace-exit' } },
  );
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: 'options --title=mine --trace-exit mine undefined\n', stderr: '' },
  );
});

test('NODE_OPTIONS is the worker’s also where npm’s command starts crashmon', async () => {
  await using state = await stateDirectory();
  const worker = 'console.log(process.env.NODE_OPTIONS, process.title, process.env.CRASHMON_NODE_OPTIONS)';
  const { code, stdout, stderr } = await crashmon(
    ['run', '--quiet', '--', nodeBinary(20).path, '-e', worker, 'an argument'],
    { stateDir: state.path, env: { NODE_OPTIONS: '--title=mine --max-old-space-size=123' } },
  );
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: '--title=mine --max-old-space-size=123 mine undefined\n', stderr: '' },
  );
  await using agent = startCrashmon(['run', '--', nodeBinary(20).path, SHOP], {
    stateDir: state.path,
    env: { PORT: '0', NODE_OPTIONS: '--title=mine' },
  });
  await agent.waitForLine('stdout', /^shop listening/);
  assert.doesNotMatch(await readFile(`/proc/${agent.pid}/environ`, 'latin1'), /\0NODE_OPTIONS=/);
  assert.match(
    await readFile(`/proc/${agent.pid}/environ`, 'latin1'),
    /\0CRASHMON_NODE_OPTIONS=--title=mine\0/,
  );
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
  await assertNothingLeft(state.path);
});

test('run names the next command as it was called, and keeps that from the worker', async () => {
  await using state = await stateDirectory();
  const worker =
    'console.log("has " + process.env.CRASHMON_COMMAND); process.nextTick(() => { throw Error() })';
  const args = [
    'run',
    '--arm-after',
    '0',
    '--state-dir',
    state.path,
    '--',
    nodeBinary(24).path,
    '-e',
    worker,
  ];
  await using agent = startProgram('./crashmon', args, {
    cwd: CHECKOUT,
    env: { CRASHMON_STATE_DIR: undefined },
  });
  await agent.waitForLine('stdout', /^has undefined$/);
  const [, id] = await agent.waitForLine(
    'stderr',
    /with its call stack, [^:]+: \.\/crashmon show (\w+) --state-dir \S+$/,
  );
  agent.kill('SIGTERM');
  await agent.exited;
  const shown = await runProgram('sh', ['-c', `./crashmon show ${id} --state-dir ${state.path}`], {
    cwd: CHECKOUT,
  });
  assert.match(shown.stdout, new RegExp(`\\./crashmon show \\w+ --private --state-dir ${state.path}$`, 'm'));
  await assertNothingLeft(state.path);
});

test('a reader who has seen enough is no error', async () => {
  const { code, stderr } = await runProgram(
    'sh',
    ['-c', './crashmon --help | true; ./crashmon --help | head -n 1'],
    {
      cwd: CHECKOUT,
    },
  );
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('the shop runs below crashmon and stops with it', async () => {
  await using state = await stateDirectory();
  const args = ['run', '--name', 'shop', '--', nodeBinary(20).path, SHOP];
  await using agent = startCrashmon(args, { stateDir: state.path, env: { PORT: '0' } });
  const [, url] = await agent.waitForLine('stdout', /^shop listening on (\S+)$/);
  assert.equal(await readlink(`/proc/${agent.pid}/exe`), process.execPath);
  const health = await fetch(`${url}/health`);
  assert.equal(health.status, 200);
  const status = await crashmon(['status'], { stateDir: state.path });
  assert.match(status.stdout, /shop/);
  agent.kill('SIGTERM');
  assert.equal((await agent.exited).code, 0);
  await assertNothingLeft(state.path);
});
