import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readChildren } from '../../../src/worker/process-info.ts';
import { MAIN } from '../../support/crashmon.ts';
import { startProgram } from '../../support/run-program.ts';
import { runInRoom } from './room.ts';

const PROGRAM = path.join(import.meta.dirname, '..', 'main.ts');
const LOOK_EVERY_MS = 50;
const DEADLINE_MS = 240_000;
/** Of version 1 or 2, as /proc/PID/cgroup has it. */
const CGROUP =
  /^(?:\d+:(?:[^:]*,)?(?<v1>memory)(?:,[^:]*)?|0:):(?<place>.*\/crashmon-chaos-(?<guard>\d+))\/room$/m;

/** What runs, as it is seen from outside. */
type Room = { guard: number; cgroup: string; processes: number[] };

function descendants(pid: number): number[] {
  const children = readChildren(pid).trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function roomsBelow(pid: number): Room[] {
  const processes = descendants(pid);
  const found = processes.flatMap((one) => {
    const groups = CGROUP.exec(textOf(`/proc/${one}/cgroup`))?.groups;
    if (groups === undefined) return [];
    const guard = Number(groups.guard);
    return [[guard, path.join('/sys/fs/cgroup', groups.v1 ?? '', groups.place ?? '')] as const];
  });
  return [...new Map(found)].map(([guard, cgroup]) => ({
    ...{ guard, cgroup },
    processes: [guard, ...descendants(guard)],
  }));
}

/** '' if it is gone. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function until<Value>(look: () => Value | undefined | false): Promise<Value> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = look();
    if (found) return found;
    assert.ok(performance.now() < deadline, `never: ${look}`);
    await delay(LOOK_EVERY_MS);
  }
}

const runs = (name: string) => (room: Room) =>
  room.processes.some((pid) => textOf(`/proc/${pid}/cmdline`).startsWith(name));

const isGone = ({ processes }: Room) => processes.every((pid) => textOf(`/proc/${pid}/cmdline`) === '');

test('a room ends when it is asked to, and another one is not affected', async () => {
  const ending = new AbortController();
  const long = runInRoom(['sleep', '86400'], ending.signal);
  const room = await until(() => roomsBelow(process.pid).find(runs('sleep')));
  assert.equal(await runInRoom(['sh', '-c', 'test -z "$(ls /tmp)"'], new AbortController().signal), 0);
  assert.ok(existsSync(room.cgroup));
  assert.deepEqual(roomsBelow(process.pid), [room]);
  ending.abort();
  assert.notEqual(await long, 0);
  assert.ok(isGone(room));
  assert.equal(existsSync(room.cgroup), false);
  assert.notEqual(await runInRoom(['true'], ending.signal), 0);
});

test('what a killed guard leaves, the next room removes', async () => {
  const killed = runInRoom(['sleep', '86400'], new AbortController().signal);
  const room = await until(() => roomsBelow(process.pid).find(runs('sleep')));
  process.kill(room.guard, 'SIGKILL');
  assert.notEqual(await killed, 0);
  await until(() => isGone(room) && textOf(path.join(room.cgroup, 'room', 'cgroup.procs')) === '');
  assert.ok(existsSync(room.cgroup));
  assert.equal(await runInRoom(['true'], new AbortController().signal), 0);
  assert.equal(existsSync(room.cgroup), false);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`nothing is left of a run that gets ${signal}`, async () => {
    const options = ['--minutes', '2', '--seed', '1', `--crashmon=${MAIN}`];
    await using program = startProgram(process.execPath, [PROGRAM, ...options], { deadlineMs: DEADLINE_MS });
    const room = await until(() => roomsBelow(program.pid).find(runs('crashmon portal')));
    program.kill(signal);
    if (signal === 'SIGTERM') {
      program.kill(signal);
      assert.equal((await program.exited).code, 143);
    } else {
      await until(() => isGone(room) && !existsSync(room.cgroup));
    }
    assert.ok(isGone(room));
    assert.equal(existsSync(room.cgroup), false);
  });
}
