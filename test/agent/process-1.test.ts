import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT, MAIN } from '../support/crashmon.ts';
import {
  type ProgramOptions,
  type RunningProgram,
  runProgram,
  startProgram,
} from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { fixture } from './run-worker.ts';

/** As in a container: its own process ids, and the entry is process 1. */
function startContainer(
  stateDir: string,
  options: readonly string[],
  command: readonly string[],
  more: ProgramOptions & { shell?: string } = {},
): RunningProgram {
  const { shell, ...rest } = more;
  const entry = [path.join(CHECKOUT, 'crashmon'), 'run', '--name', 'app', ...options, '--', ...command];
  const words = shell === undefined ? entry : [...shell.split(' '), ...inner(entry)];
  return startProgram('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', ...words], {
    ...rest,
    env: { ...rest.env, CRASHMON_STATE_DIR: stateDir },
  });
}

/** Another shell than the system's own. */
function inner(entry: readonly string[]): string[] {
  return [
    path.join(CHECKOUT, 'src', 'cli', 'start', 'process-1.sh'),
    process.execPath,
    MAIN,
    ...entry.slice(1),
  ];
}

/** Leaves a process to process 1, then counts the zombies there are. */
const ORPHANS = '(sleep 0.01 &); sleep 0.2; ps -eo stat,args >"$0"; grep -c "^Z" "$0"';

describe('as process 1', { concurrency: 2 }, () => {
  for (const [shell, interpreter] of Object.entries({
    'the system’s shell': undefined,
    dash: 'dash',
    bash: 'bash',
    busybox: 'busybox sh',
  })) {
    test(`no zombie stays of what the app, or an armed death, leaves (${shell})`, async () => {
      await using state = await stateDirectory();
      const script = `${ORPHANS}; kill -SEGV $$`;
      const options = [
        '--arm-after',
        '0',
        '--cooldown',
        '0',
        '--restart-delay',
        '0',
        '--max-restarts',
        '7/1h',
      ];
      const command = ['sh', '-c', script, path.join(state.path, 'ps')];
      const more = interpreter === undefined ? {} : { shell: interpreter };
      await using container = startContainer(state.path, options, command, more);
      const { code, stdout, stderr } = await container.exited;
      assert.equal(code, 139, stderr);
      const zombies = stdout.trim().split('\n').map(Number);
      assert.equal(zombies.length, 8, stderr);
      // One that was collected a moment later may be seen; of eight deaths with three orphans each none stays.
      assert.ok(Math.max(...zombies) <= 3, stdout);
      assert.doesNotMatch(stderr, /Segmentation fault/);
    });
  }

  test('every signal that crashmon handles arrives, and the exit code is the worker’s', async () => {
    await using state = await stateDirectory();
    await using container = startContainer(state.path, [], fixture('prints-signals.cjs', 'ends', '42'));
    await container.waitForLine('stdout', /^running/);
    const [, first] = await container.waitForLine('stderr', /started, pid (\d+)/);
    assert.ok(Number(first) > 1);
    const init = childOf(container.pid);
    const others = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGTERM'] as const;
    for (const signal of others) {
      process.kill(init, signal);
      await container.waitForLine('stdout', new RegExp(`^got ${signal}`));
    }
    const { code, stdout } = await container.exited;
    assert.equal(code, 42);
    assert.deepEqual(
      stdout.match(/got .*/g),
      others.map((signal) => `got ${signal}`),
    );
  });

  test('standard input and the environment are the worker’s own', async () => {
    await using state = await stateDirectory();
    const command = ['sh', '-c', 'cat; env | grep PROCESS_1; ls /proc/self/fd | wc -l'];
    const options = { input: 'hello\n' };
    await using container = startContainer(state.path, [], command, options);
    const bare = await runProgram(command[0] ?? '', command.slice(1), options);
    const { code, stdout } = await container.exited;
    assert.deepEqual([code, stdout], [0, bare.stdout]);
  });
});

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));
}
