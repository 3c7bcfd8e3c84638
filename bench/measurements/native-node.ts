import { type Member, openChannel } from '../processes/channel.ts';
import { startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { median, noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';
import { startDebuggerProcess } from '../subjects/debugger-process.ts';
import { type HttpLoad, openHttpLoad } from './http-load.ts';

const KINDS = { throw: 'throw and catch', await: 'await', http: 'HTTP requests' } as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];
const SCALES = {
  smoke: { sets: 1, turns: 1, sliceMs: 5 },
  quick: { sets: 2, turns: 8, sliceMs: 25 },
  full: { sets: 5, turns: 30, sliceMs: 25 },
} as const;
const WARM_UP_TURNS = 3;
const WAYS = ['bare', 'attached', 'control'] as const;
type Way = (typeof WAYS)[number];
type Subject = { way: Way; worker: Member; load: HttpLoad };
type Ratios = { attached: number; control: number };

export const nativeNode: Measurement = {
  name: 'native-node',
  about: 'Throughput of a Node.js worker with a debugger attached against a bare one',
  async *measure({ scale, progress }) {
    const sets: Map<Kind, Ratios>[] = [];
    for (let set = 1; set <= SCALES[scale].sets; set++) {
      progress(`processes ${set} of ${SCALES[scale].sets}`);
      sets.push(await measureSet(scale));
    }
    yield* KIND_NAMES.map((kind): Finding => {
      const ratios = sets.map((set) => set.get(kind) as Ratios);
      return {
        what: KINDS[kind],
        unit: '×',
        measured: spreadOf(ratios.map(({ attached }) => attached)),
        noise: noiseOf(
          ratios.map(({ control }) => control),
          1,
        ),
        target: { atLeast: 0.95 },
      };
    });
  },
};

async function measureSet(scale: Scale): Promise<Map<Kind, Ratios>> {
  const { turns, sliceMs } = SCALES[scale];
  await using workspace = await makeWorkspace();
  await using channel = await openChannel(workspace.path);
  await using stack = new AsyncDisposableStack();
  const holder = stack.use(await startDebuggerProcess(workspace.path, 'node'));
  const subjects: Subject[] = [];
  for (const way of shuffled(WAYS)) {
    stack.use(startProcess(benchProgram('load-worker.cjs'), { env: channel.environmentFor(way) }));
    const worker = await channel.arrival(way);
    const load = stack.use(await openHttpLoad(Number(worker.hello.port)));
    if (way === 'attached') await holder.attach(worker.hello.pid);
    subjects.push({ way, worker, load });
  }
  const result = new Map<Kind, Ratios>();
  for (const kind of KIND_NAMES) {
    const measured: Record<Way, number>[] = [];
    for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
      measured.push(await takeTurn(kind, subjects, sliceMs));
    }
    const counting = measured.slice(WARM_UP_TURNS);
    const ratio = (way: Way): number => median(counting.map((turn) => turn[way] / turn.bare));
    result.set(kind, { attached: ratio('attached'), control: ratio('control') });
  }
  return result;
}

async function takeTurn(
  kind: Kind,
  subjects: readonly Subject[],
  sliceMs: number,
): Promise<Record<Way, number>> {
  const turn: Record<Way, number> = { bare: 0, attached: 0, control: 0 };
  for (const { way, worker, load } of shuffled(subjects)) {
    const { done = 0, ms = 1 } =
      kind === 'http' ? await load.send(sliceMs * 2) : await worker.ask({ kind, ms: sliceMs });
    turn[way] = done / ms;
  }
  return turn;
}
