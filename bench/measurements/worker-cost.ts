import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Channel, type Member, openChannel } from '../processes/channel.ts';
import { type StartedProcess, startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { median, noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram, underCrashmon, WAYS, type Way } from '../subjects/crashmon-command.ts';
import { type HttpLoad, openHttpLoad } from './http-load.ts';

const KINDS = {
  throw: 'throw and catch',
  await: 'await',
  log: 'console.log',
  error: 'console.error',
  http: 'HTTP requests',
} as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

/** `sets` of new processes; in each, `turns` of every way at every kind of work. */
const SCALES = {
  smoke: { sets: 1, turns: 1, sliceMs: 5 },
  quick: { sets: 2, turns: 8, sliceMs: 25 },
  full: { sets: 5, turns: 30, sliceMs: 25 },
} as const;
const WARM_UP_TURNS = 3;
/** After console.error crashmon still forwards lines; the next turn waits for that. */
const AFTER_ERROR_MS = 15;

type Subject = { way: Way; worker: Member; load: HttpLoad; process: StartedProcess };
/** Work of each way in a turn, per millisecond. */
type Turn = Record<Way, number>;

export const workerCost: Measurement = {
  name: 'worker-cost',
  about: 'Throughput of a worker under crashmon against a bare one',
  async *measure({ scale, progress }) {
    const { sets } = SCALES[scale];
    const ratios = new Map<string, number[]>();
    for (let set = 1; set <= sets; set++) {
      progress(`processes ${set} of ${sets}`);
      for (const [key, ratio] of await measureSet(scale)) {
        ratios.set(key, [...(ratios.get(key) ?? []), ratio]);
      }
    }
    yield* KIND_NAMES.flatMap((kind) =>
      (['unarmed', 'armed'] as const).map((way) => toFinding(kind, way, ratios)),
    );
  },
};

function toFinding(kind: Kind, way: Way, ratios: ReadonlyMap<string, number[]>): Finding {
  return {
    what: `${KINDS[kind]}, ${way}`,
    unit: '×',
    measured: spreadOf(ratios.get(`${kind} ${way}`) ?? []),
    noise: noiseOf(ratios.get(`${kind} control`) ?? [], 1),
    target: { atLeast: 0.97 },
  };
}

/** One set of new processes: for each way, the median over the turns of its work relative to the bare one. */
async function measureSet(scale: Scale): Promise<Map<string, number>> {
  const { turns, sliceMs } = SCALES[scale];
  await using workspace = await makeWorkspace();
  await using channel = await openChannel(workspace.path);
  await using stack = new AsyncDisposableStack();
  const subjects: Subject[] = [];
  for (const way of shuffled(WAYS)) {
    const subject = await startSubject(way, channel, workspace);
    stack.use(subject.process);
    stack.use(subject.load);
    subjects.push(subject);
  }
  const result = new Map<string, number>();
  for (const kind of KIND_NAMES) {
    const measured: Turn[] = [];
    for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
      measured.push(await takeTurn(kind, subjects, sliceMs));
    }
    const counting = measured.slice(WARM_UP_TURNS);
    for (const way of WAYS) result.set(`${kind} ${way}`, median(counting.map((t) => t[way] / t.bare)));
  }
  return result;
}

async function startSubject(
  way: Way,
  channel: Channel,
  { path, stateDir }: { path: string; stateDir: string },
): Promise<Subject> {
  const worker = benchProgram('load-worker.cjs');
  const command = way === 'unarmed' || way === 'armed' ? underCrashmon(way, way, worker) : worker;
  const output = openSync(join(path, `${way}.log`), 'a', 0o600);
  const process = startProcess(command, {
    env: { ...channel.environmentFor(way), CRASHMON_STATE_DIR: stateDir },
    // Standard output to /dev/null, standard error to a file: the cheapest, so that crashmon's cost shows most.
    stdio: ['ignore', 'ignore', output],
  });
  closeSync(output);
  const member = await channel.arrival(way);
  return { way, worker: member, process, load: await openHttpLoad(Number(member.hello.port)) };
}

async function takeTurn(kind: Kind, subjects: readonly Subject[], sliceMs: number): Promise<Turn> {
  const turn: Turn = { bare: 0, unarmed: 0, armed: 0, control: 0 };
  for (const { way, worker, load } of shuffled(subjects)) {
    const { done = 0, ms = 1 } =
      kind === 'http' ? await load.send(sliceMs * 2) : await worker.ask({ kind, ms: sliceMs });
    turn[way] = done / ms;
    if (kind === 'error') await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_MS));
  }
  return turn;
}
