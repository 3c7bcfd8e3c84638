import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { ChildEnd } from '../../src/agent/children/child-exit.ts';
import { ChildWatch } from '../../src/agent/children/child-watch.ts';
import { readStatus } from '../../src/debugger/traced-process.ts';
import { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import type { WatchedExit } from '../../src/exit-watch/watched-exit.ts';
import { ExitCapture } from '../../src/host/capture/exit-capture.ts';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import type { CaptureState } from '../../src/host/capture/run-capture.ts';
import { watchExit } from '../../src/host/processes/watch-exit.ts';
import { delay } from '../../src/worker/delay.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';

const LIMIT = { timeout: 60_000 };

test('how a process ends is known again once its debugger has left it', LIMIT, async (t) => {
  const { target, exits, end, debuggerLeaves } = await traced(t);
  const { ended } = await watchExit(exits, target, (why) => assert.fail(why));
  await debuggerLeaves();
  while (readStatus(target.pid)?.tracerPid === 0) await delay(20);
  end();
  assert.deepEqual((await ended).status, { type: 'code', code: 3 });
});

test('a process is watched for a capture once its debugger has left it', LIMIT, async (t) => {
  const { target, exits, debuggerLeaves } = await traced(t);
  const states: CaptureState[] = [];
  const { promise: isWatched, resolve } = Promise.withResolvers<void>();
  const { promise: isRefused, resolve: refused } = Promise.withResolvers<void>();
  const capture = new ExitCapture({
    ...{ exits, main: target, after: undefined, startedAtMs: Date.now(), dumpOf: () => null },
    onState: (state) => {
      states.push(state);
      (state.isWatched ? resolve : refused)();
    },
  });
  await isRefused;
  await debuggerLeaves();
  await isWatched;
  assert.deepEqual(
    states.map((state) => (state.isWatched ? 'watched' : state.why)),
    ['already-traced', 'watched'],
  );
  await capture.leave();
});

test('a worker below a master is watched once its debugger has left it', LIMIT, async (t) => {
  const { target, exits, end, debuggerLeaves } = await traced(t);
  const { refused, started, ended } = watchChildren(t, exits);
  assert.match(await refused, /is traced by process/);
  await debuggerLeaves();
  await started;
  assert.notEqual(readProcessStat(target.pid), null);
  end();
  assert.deepEqual((await ended).status, { type: 'code', code: 3 });
});

test('a worker that ends with its debugger has ended unseen', LIMIT, async (t) => {
  const { exits, end } = await traced(t);
  const { refused, ended } = watchChildren(t, exits);
  await refused;
  end();
  assert.deepEqual((await ended).status, { type: 'unknown' });
});

function watchChildren(t: TestContext, exits: HostExits) {
  const { promise: refused, resolve: isRefused } = Promise.withResolvers<string>();
  const { promise: started, resolve: isStarted } = Promise.withResolvers<void>();
  const { promise: ended, resolve: isEnded } = Promise.withResolvers<ChildEnd>();
  const children = new ChildWatch(
    {
      ...{ names: ['node'], ignored: [], debuggers: null, lookEveryMs: 50, exits },
      ...{ dumpOf: () => null, wantsWhole: () => false },
    },
    {
      ...{ wantsCapture: () => null, armed: () => {}, notDebugged: () => {} },
      started: () => isStarted(),
      ended: (_child, childEnd) => isEnded(childEnd),
      refused: (_process, message) => isRefused(message),
    },
  );
  t.after(() => children.end());
  children.begin(targetOf(process.pid));
  return { refused, started, ended };
}

/** A process that another tracer has. */
async function traced(t: TestContext) {
  const child = spawn(process.execPath, ['-e', ENDS], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await ready(child);
  const target = targetOf(child.pid ?? 0);
  const other = new ExitWatch();
  const exits = new HostExits((message) => assert.fail(message));
  t.after(async () => await Promise.all([other.end(), exits.end()]));
  assert.equal(await other.start(), null);
  const watched = await other.watch(target, { hold: false });
  assert.ok(!('failed' in watched));
  return {
    ...{ target, exits },
    end: () => void child.stdin?.end('end\n'),
    debuggerLeaves: () => (watched as WatchedExit).leave(),
  };
}

const ENDS = 'process.stdin.once("data", () => process.exit(3)); console.log("ready")';

async function ready({ stdout }: ChildProcess): Promise<void> {
  assert.ok(stdout !== null);
  await once(stdout, 'data');
}

function targetOf(pid: number): { pid: number; startTicks: number } {
  const { startTicks } = readProcessStat(pid) ?? assert.fail(`no process ${pid}`);
  return { pid, startTicks };
}
