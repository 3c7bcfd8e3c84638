import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import { readNodeLayout } from '../../src/exit-watch/node-layout.ts';
import { readUncaught } from '../../src/exit-watch/read-uncaught.ts';
import { runSelfTest } from '../../src/exit-watch/self-test.ts';
import type { WatchedExit } from '../../src/exit-watch/watched-exit.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { type Channel, type Member, openChannel } from '../processes/channel.ts';
import { processorMsOf } from '../processes/process-usage.ts';
import { type StartedProcess, startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { median, noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';
import { type HttpLoad, openHttpLoad } from './http-load.ts';

const SCALES = {
  smoke: { sets: 1, turns: 1, sliceMs: 5, deaths: 1, idleMs: 200 },
  quick: { sets: 2, turns: 8, sliceMs: 25, deaths: 5, idleMs: 3_000 },
  full: { sets: 5, turns: 30, sliceMs: 25, deaths: 25, idleMs: 20_000 },
} as const;
const WARM_UP_TURNS = 3;
const WAYS = ['bare', 'watched', 'control'] as const;
type Way = (typeof WAYS)[number];
const KINDS = { log: 'write (console.log)', throw: 'throw and catch', await: 'await', http: 'HTTP' } as const;
type Kind = keyof typeof KINDS;
type Subject = { way: Way; worker: Member; load: HttpLoad; process: StartedProcess };
/** Errors that the worker keeps, and which are not the one that ends it. */
const OLD_ERRORS = 50;

export const exitWatch: Measurement = {
  name: 'exit-watch',
  about: 'What the exit watch costs a worker, how long it holds one that crashes, and what its helper takes',
  async *measure({ scale, progress }) {
    await using watch = new ExitWatch();
    const failure = await watch.start();
    if (failure !== null) throw new Error(failure.message);
    const ratios = new Map<string, number[]>();
    for (let set = 1; set <= SCALES[scale].sets; set++) {
      progress(`processes ${set} of ${SCALES[scale].sets}`);
      for (const [key, ratio] of await measureSet(watch, scale)) {
        ratios.set(key, [...(ratios.get(key) ?? []), ratio]);
      }
    }
    for (const kind of Object.keys(KINDS) as Kind[]) yield throughput(kind, ratios);
    progress('exceptions');
    await runSelfTest(watch);
    const holds: number[] = [];
    for (let death = 0; death < SCALES[scale].deaths; death++) holds.push(await holdOf(watch));
    const row = { noise: null, target: null } as const;
    yield {
      ...row,
      what: 'hold at an uncaught exception',
      unit: 'ms',
      measured: spreadOf(holds),
      target: { atMost: 20 },
    };
    progress('idle');
    yield* idle(watch, SCALES[scale].idleMs);
  },
};

function throughput(kind: Kind, ratios: ReadonlyMap<string, number[]>): Finding {
  return {
    what: `${KINDS[kind]}, watched`,
    unit: '×',
    measured: spreadOf(ratios.get(`${kind} watched`) ?? []),
    noise: noiseOf(ratios.get(`${kind} control`) ?? [], 1),
    target: { atLeast: 0.97 },
  };
}

/** One set of new processes: for each way, the median over the turns of its work relative to the bare one. */
async function measureSet(watch: ExitWatch, scale: Scale): Promise<Map<string, number>> {
  const { turns, sliceMs } = SCALES[scale];
  await using workspace = await makeWorkspace();
  await using channel = await openChannel(workspace.path);
  await using stack = new AsyncDisposableStack();
  const subjects: Subject[] = [];
  for (const way of shuffled(WAYS)) {
    const subject = await startSubject(way, channel, workspace.path);
    stack.use(subject.process);
    stack.use(subject.load);
    subjects.push(subject);
  }
  await watched(watch, subjects.find(({ way }) => way === 'watched')?.process.pid ?? 0);
  const result = new Map<string, number>();
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const measured: Record<Way, number>[] = [];
    for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
      measured.push(await takeTurn(kind, subjects, sliceMs));
    }
    const counting = measured.slice(WARM_UP_TURNS);
    for (const way of WAYS)
      result.set(`${kind} ${way}`, median(counting.map((each) => each[way] / each.bare)));
  }
  return result;
}

async function startSubject(way: Way, channel: Channel, path: string): Promise<Subject> {
  const output = openSync(join(path, `${way}.log`), 'a', 0o600);
  const process = startProcess(benchProgram('load-worker.cjs'), {
    env: channel.environmentFor(way),
    stdio: ['ignore', 'ignore', output],
  });
  closeSync(output);
  const worker = await channel.arrival(way);
  return { way, worker, process, load: await openHttpLoad(Number(worker.hello.port)) };
}

async function takeTurn(
  kind: Kind,
  subjects: readonly Subject[],
  sliceMs: number,
): Promise<Record<Way, number>> {
  const turn: Record<Way, number> = { bare: 0, watched: 0, control: 0 };
  for (const { way, worker, load } of shuffled(subjects)) {
    const { done = 0, ms = 1 } =
      kind === 'http' ? await load.send(sliceMs * 2) : await worker.ask({ kind, ms: sliceMs });
    turn[way] = done / ms;
  }
  return turn;
}

async function watched(watch: ExitWatch, pid: number): Promise<WatchedExit> {
  const result = await watch.watch(
    { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0 },
    { hold: true },
  );
  if ('failed' in result) throw new Error(result.message);
  return result;
}

/** From when the agent knows that a process is held until it has read the exception, in ms. */
async function holdOf(watch: ExitWatch): Promise<number> {
  await using worker = startProcess(benchProgram('throws-on-request.cjs', String(OLD_ERRORS)), {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { stdin, stdout } = worker.child;
  if (stdin === null || stdout === null) throw new Error('it has no pipes');
  await once(stdout, 'data');
  const layout = readNodeLayout(worker.pid);
  if (layout === null) throw new Error('this Node does not describe itself');
  const exit = await watched(watch, worker.pid);
  let holdMs = Number.NaN;
  let type: string | undefined;
  exit.onHeld((held) => {
    const begun = performance.now();
    type = readUncaught(held, layout, Date.now())?.thrown?.type;
    holdMs = performance.now() - begun;
  });
  stdin.write('now\n');
  await exit.exited;
  if (type !== 'TypeError') throw new Error('the exception was not found');
  return holdMs;
}

async function* idle(watch: ExitWatch, ms: number): AsyncIterable<Finding> {
  await using worker = startProcess(['sleep', '600']);
  await watched(watch, worker.pid);
  const status = readFileSync(`/proc/${worker.pid}/status`, 'latin1');
  const helper = Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  const memory = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${helper}/status`, 'latin1'))?.[1]);
  const row = { noise: null, target: null } as const;
  yield {
    ...row,
    what: 'memory of the helper',
    unit: 'kB',
    measured: spreadOf([memory]),
    target: { atMost: 1024 },
  };
  const before = processorMsOf([helper]);
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const share = ((processorMsOf([helper]) - before) / (performance.now() - begun)) * 100;
  yield {
    ...row,
    what: 'processor time of the helper, idle',
    unit: '%',
    measured: spreadOf([share]),
    target: { atMost: 0.02 },
  };
}
