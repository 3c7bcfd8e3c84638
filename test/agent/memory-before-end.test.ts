// What is read of an armed worker's memory before the kernel kills it; real control groups.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { memoryCgroup } from '../support/memory-cgroup.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { storedExits } from '../support/stored-exits.ts';
import { untilReported } from '../support/until-reported.ts';
import { fixture, run, statusOf } from './run-worker.ts';

const LIMIT = 192 * 1024 * 1024;

/** Runs it once in a cgroup of its own that is too small for it. */
async function killedForMemory(stateDir: string, command: readonly string[], options: readonly string[]) {
  await using cgroup = memoryCgroup(LIMIT);
  const inCgroup = ['sh', '-c', `echo $$ > ${cgroup.procs}; exec "$@"`, 'sh', ...command];
  const ended = await run({ stateDir, options: ['--restart', 'never', ...options], command: inCgroup });
  assert.equal(ended.signal, 'SIGKILL', ended.stderr);
}

test('the report of an OOM kill says where the memory of the armed worker was', async () => {
  await using state = await stateDirectory();
  await killedForMemory(state.path, fixture('leaks-memory.cjs'), ['--arm-after', '0']);
  assert.equal(storedExits(state.path)[0]?.captured, true);
  const { kind, frames, memory, problems } = await untilReported(state.path);
  assert.deepEqual([kind, frames, problems], ['oom-kill', [], []]);
  const facts = memory?.process;
  assert.ok(facts);
  const [nearest] = facts.uses;
  assert.equal(nearest?.of, 'cgroup');
  assert.equal(nearest.limitBytes, LIMIT);
  assert.ok(nearest.usedBytes > LIMIT / 2 && nearest.usedBytes <= LIMIT, String(nearest.usedBytes));
  assert.ok(facts.growth !== null && facts.growth.bytes > LIMIT / 4);
  assert.equal(facts.mappings?.[0]?.kind, 'anonymous');
  const sockets = facts.descriptors?.find(({ kind: of }) => of === 'socket')?.count ?? 0;
  assert.ok(sockets >= 20, String(sockets));
  assert.ok((facts.threads ?? 0) > 1);
  // Of the last full garbage collection: some of the buffers were there.
  const { heap } = memory;
  assert.ok(heap !== null && heap.externalBytes > 16 * 1024 * 1024);
  assert.ok(heap.spaces.some(({ name }) => name === 'old_space'));
  assert.ok(heap.resources.some(({ type, count }) => type === 'TCPSocketWrap' && count === 20));

  const text = (await crashmon(['show'], { stateDir: state.path })).stdout;
  assert.match(text, /leaves no call stack\.\n\nMemory before the end:/);
  assert.match(text, /In use +1\d\d(?:\.\d)? MB of 192 MB \(\d+ %\), the limit of its control group/);
  assert.match(text, /Resident memory\n +1?\d\d(?:\.\d)? MB +\d+ % {2}anonymous/);
  assert.match(text, /Most of it was outside of the JavaScript heap/);
  // Only the private log, which stays here, has names of files.
  assert.doesNotMatch(text, /\.so|\/node/);
  const log = (await crashmon(['show', '--private'], { stateDir: state.path })).stdout;
  assert.match(log, /Largest mappings\n +[\d.]+ MB {2}\[anonymous\]\n(?: +.*\n)* +[\d.]+ MB {2}\/.*node/);
  await assertNothingLeft(state.path);
});

test('the same of Python, from outside alone', async () => {
  await using state = await stateDirectory();
  const script = path.join(CHECKOUT, 'test/fixtures/agent/leaks_memory.py');
  await killedForMemory(state.path, ['/usr/bin/python3', script], ['--arm-after', '0']);
  assert.equal(storedExits(state.path)[0]?.captured, true);
  const { kind, memory } = await untilReported(state.path);
  assert.equal(kind, 'oom-kill');
  assert.equal(memory?.heap, null);
  assert.ok((memory?.process?.mappings?.[0]?.bytes ?? 0) > LIMIT / 2);
  await assertNothingLeft(state.path);
});

test('the report of a full JavaScript heap says what was in it', async () => {
  await using state = await stateDirectory();
  const [node = '', ...rest] = fixture('leaks-memory.cjs', 'objects');
  await run({
    stateDir: state.path,
    options: ['--restart', 'never', '--arm-after', '0', '--no-debugger'],
    command: [node, '--max-old-space-size=48', ...rest],
  });
  const { kind, memory } = await untilReported(state.path);
  assert.equal(kind, 'out-of-memory');
  const heap = memory?.heap;
  assert.equal(heap?.limitBytes, 48 * 1024 * 1024);
  assert.ok(heap.usedBytes > heap.limitBytes / 2);
  assert.equal(heap.spaces[0]?.name, 'old_space');
  await assertNothingLeft(state.path);
});

test('of a worker that is not armed nothing is read; an OOM kill counts towards arming', async () => {
  await using state = await stateDirectory();
  await killedForMemory(state.path, fixture('leaks-memory.cjs'), ['--arm-after', '1']);
  assert.equal(storedExits(state.path)[0]?.captured, false);
  const [status] = statusOf(state.path);
  assert.deepEqual([status?.state, status?.noCapture, status?.crashesInWindow], ['watching', null, 1]);
  assert.deepEqual(readdirSync(path.join(status?.directory ?? '', 'raw')), []);

  await killedForMemory(state.path, fixture('leaks-memory.cjs'), ['--arm-after', '0']);
  assert.equal((await untilReported(state.path)).memory?.process?.uses[0]?.of, 'cgroup');
  await assertNothingLeft(state.path);
});
