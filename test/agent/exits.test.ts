import assert from 'node:assert/strict';
import { chmod, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { tested } from '../support/matrix.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { exitsOf, run, startRun, statusOf } from './run-worker.ts';

const CODES: readonly { code: number; isRepeated?: true }[] = [
  ...[0, 7, 143, 255].map((code) => ({ code })),
  ...[1, 42].map((code) => ({ code, isRepeated: true as const })),
];
const SIGNALS: readonly { signal: string; isRepeated?: true }[] = [
  ...['SEGV', 'KILL', 'TERM', 'INT', 'PIPE'].map((signal) => ({ signal })),
  ...['ABRT', 'BUS', 'HUP', 'USR1'].map((signal) => ({ signal, isRepeated: true as const })),
];

describe('--restart never ends as the worker did', { concurrency: 2 }, () => {
  for (const { code } of tested(CODES)) {
    test(`exit ${code}`, async () => {
      await using state = await stateDirectory();
      const command = ['sh', '-c', `exit ${code}`];
      const ended = await run({ stateDir: state.path, options: ['--restart', 'never'], command });
      assert.deepEqual([ended.code, ended.signal], [code, null]);
      assert.equal(exitsOf(state.path)[0]?.exit.code, code);
      await assertNothingLeft(state.path);
    });
  }

  for (const { signal } of tested(SIGNALS)) {
    test(`SIG${signal}, and leaves no core of its own`, async () => {
      await using state = await stateDirectory();
      await using directory = await temporaryDirectory('core');
      const command = ['sh', '-c', `ulimit -c 0; kill -s ${signal} $$`];
      const options = ['--restart', 'never'];
      const ended = await run({ stateDir: state.path, options, command, cwd: directory.path });
      assert.deepEqual([ended.code, ended.signal], [null, `SIG${signal}`]);
      assert.equal(exitsOf(state.path)[0]?.exit.signal, `SIG${signal}`);
      assert.deepEqual(await readdir(directory.path), []);
      await assertNothingLeft(state.path);
    });
  }
});

describe('a command that cannot be started', { concurrency: 2 }, () => {
  test('is a 127 where there is none', async () => {
    await using state = await stateDirectory();
    for (const command of [['no-such-command-at-all'], ['./nowhere/server']]) {
      const { code, stderr } = await run({ stateDir: state.path, command });
      assert.equal(code, 127);
      assert.match(stderr, /^crashmon: command not found: /m);
    }
    assert.deepEqual(exitsOf(state.path), []);
    await assertNothingLeft(state.path);
  });

  test('is a 126 where it is none', async () => {
    await using state = await stateDirectory();
    const file = path.join(state.path, 'file');
    await writeFile(file, 'no program');
    for (const command of [[file], ['/'], [`${file}/server`]]) {
      const { code, stderr } = await run({ stateDir: state.path, command });
      assert.equal(code, 126, stderr);
      assert.match(stderr, /^crashmon: (?:not executable|cannot start)/m);
    }
    assert.deepEqual(exitsOf(state.path), []);
  });

  test('and one that is too long', async () => {
    await using state = await stateDirectory();
    const name = 'x'.repeat(5000);
    const { code, stderr } = await run({ stateDir: state.path, command: [`/${name}`] });
    assert.equal(code, 126, stderr);
  });

  test('is waited for where it was there before', async () => {
    await using state = await stateDirectory();
    const command = path.join(state.path, 'server');
    const deploy = async (text: string) => {
      await writeFile(`${command}.new`, `#!/bin/sh\n${text}\n`);
      await chmod(`${command}.new`, 0o755);
      await rename(`${command}.new`, command);
    };
    await deploy('rm "$0"; exit 1');
    const options = ['--restart-delay', '0'];
    await using agent = startRun({ stateDir: state.path, options, command: [command] });
    await agent.waitForLine('stderr', /cannot be restarted: command not found/);
    await deploy('echo deployed; exit 0');
    await agent.waitForLine('stdout', /^deployed$/);
    assert.equal((await agent.exited).code, 0);
    assert.equal(exitsOf(state.path).length, 2);
  });
});

describe('restarts', { concurrency: 2 }, () => {
  /** Dies in the ways given, one a life. */
  const lives = (directory: string, ways: readonly string[]) => [
    'sh',
    '-c',
    `n=$(cat ${directory}/n 2>/dev/null || echo 0); echo $((n + 1)) > ${directory}/n; shift $n; eval "$1"`,
    'sh',
    ...ways,
  ];
  const ALWAYS = ['--restart-delay', '0', '--restart', 'always'];

  test('on-crash: after crashes and an outside SIGKILL, not after an end that was meant', async () => {
    await using state = await stateDirectory();
    const ways = ['exit 1', 'kill -s SEGV $$', 'kill -s KILL $$', 'exit 134', 'exit 0', 'exit 9'];
    const options = ['--restart-delay', '0'];
    const { code } = await run({ stateDir: state.path, options, command: lives(state.path, ways) });
    assert.equal(code, 0);
    assert.deepEqual(
      exitsOf(state.path).map(({ counted }) => counted),
      [false, true, false, true, true],
    );
    await assertNothingLeft(state.path);
  });

  test('always: after every end but a stop', async () => {
    await using state = await stateDirectory();
    const ways = ['exit 0', 'kill -s TERM $$', 'exit 3', 'echo last; exec sleep 60'];
    await using agent = startRun({ stateDir: state.path, options: ALWAYS, command: lives(state.path, ways) });
    await agent.waitForLine('stdout', /^last$/);
    await agent.waitForLine('stderr', /restart 3/);
    assert.equal(statusOf(state.path)[0]?.worker?.restarts, 3);
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).signal, 'SIGTERM');
    await assertNothingLeft(state.path);
  });

  test('the wait doubles from --restart-delay to --restart-delay-max', async () => {
    await using state = await stateDirectory();
    const ways = ['exit 1', 'exit 1', 'exit 1', 'exit 1', 'exit 0'];
    const options = ['--json', '--restart-delay', '40ms', '--restart-delay-max', '100ms'];
    const { stderr } = await run({ stateDir: state.path, options, command: lives(state.path, ways) });
    const delays = stderr.match(/"delayMs":\d+/g)?.map((text) => Number(text.slice(10))) ?? [];
    assert.equal(delays.length, 4);
    for (const [index, middle] of [40, 80, 100, 100].entries()) {
      const delay = delays[index] ?? 0;
      assert.ok(delay >= middle * 0.75 && delay <= Math.min(100, middle * 1.25), `${delays}`);
    }
  });

  test('status says when a worker restarts, and that nothing is captured without crashmon', async () => {
    await using state = await stateDirectory();
    const options = ['--json', '--arm-after', '0', '--restart-delay', '10m', '--restart-delay-max', '10m'];
    const command = ['sh', '-c', 'exit 3'];
    await using agent = startRun({ stateDir: state.path, options, command });
    await agent.waitForLine('stderr', /"event":"restarting"/);
    const status = async () => (await crashmon(['status'], { stateDir: state.path })).stdout;
    assert.match(await status(), /^ {2}the worker restarts in \d+ min$/m);
    agent.kill('SIGTERM');
    await agent.exited;
    assert.match(await status(), /^ {2}crashmon is not running: nothing is captured$/m);
    await assertNothingLeft(state.path);
  });
});
