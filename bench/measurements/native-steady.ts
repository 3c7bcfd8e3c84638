import { type LineProgram, startLineProgram } from '../processes/line-program.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { median, noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { type DebuggerProcess, startDebuggerProcess } from '../subjects/debugger-process.ts';
import { compileProgram } from '../subjects/native-program.ts';

const SCALES = {
  smoke: { sets: 1, turns: 1, sliceMs: 5 },
  quick: { sets: 2, turns: 8, sliceMs: 25 },
  full: { sets: 6, turns: 30, sliceMs: 25 },
} as const;
const WARM_UP_TURNS = 3;
/** Handled faults; a session detaches from a process that raises 500 in ten seconds. */
const FAULTS_A_TURN = 8;
const WAYS = ['bare', 'attached', 'control'] as const;
type Way = (typeof WAYS)[number];

/** Loops that a debugger must not slow down. */
const LOOPS = { cpu: 'processor', call: 'system calls (getppid)' } as const;
/** Loops that cost time under any debugger, in µs each. */
const EVENTS = {
  thread: 'a thread started and joined',
  usr1: 'SIGUSR1 with a handler',
  alrm: 'SIGALRM with a handler',
  urg: 'SIGURG, ignored',
  segv: 'SIGSEGV with a handler, passed on',
} as const;
type Kind = keyof typeof LOOPS | keyof typeof EVENTS;
const KINDS = [...Object.keys(LOOPS), ...Object.keys(EVENTS)] as Kind[];

/** µs per unit of work for each way, by kind. */
type Costs = Record<Way, number>;

export const nativeSteady: Measurement = {
  name: 'native-steady',
  about: 'What an attached debugger costs a process that does not crash',
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    const program = await compileProgram('steady', workspace.path);
    await using holder = await startDebuggerProcess(workspace.path, 'steady');
    const sets: Map<Kind, Costs>[] = [];
    for (let set = 1; set <= SCALES[scale].sets; set++) {
      progress(`processes ${set} of ${SCALES[scale].sets}`);
      sets.push(await measureSet(program, holder, scale));
    }
    yield* KINDS.flatMap((kind) =>
      findingsOf(
        kind,
        sets.map((set) => set.get(kind) as Costs),
      ),
    );
  },
};

async function measureSet(program: string, holder: DebuggerProcess, scale: Scale): Promise<Map<Kind, Costs>> {
  await using stack = new AsyncDisposableStack();
  const workers = new Map<Way, LineProgram>();
  for (const way of shuffled(WAYS)) workers.set(way, stack.use(await startLineProgram([program])));
  const attached = workers.get('attached')?.pid ?? 0;
  await holder.attach(attached);
  const costs = new Map<Kind, Costs>();
  for (const kind of KINDS) {
    const turns: Costs[] = [];
    for (let turn = 0; turn < WARM_UP_TURNS + SCALES[scale].turns; turn++) {
      turns.push(await takeTurn(kind, workers, SCALES[scale].sliceMs));
    }
    const counting = turns.slice(WARM_UP_TURNS);
    const of = (way: Way): number => median(counting.map((turn) => turn[way]));
    costs.set(kind, { bare: of('bare'), attached: of('attached'), control: of('control') });
  }
  if (!(await holder.isAttached(attached))) throw new Error('the debugger let it go meanwhile');
  await holder.detach(attached);
  return costs;
}

async function takeTurn(kind: Kind, workers: ReadonlyMap<Way, LineProgram>, sliceMs: number): Promise<Costs> {
  const turn: Costs = { bare: 0, attached: 0, control: 0 };
  for (const [way, worker] of shuffled([...workers])) {
    const [done = 0, ns = Number.NaN] = await worker.ask(
      `${kind} ${kind === 'segv' ? FAULTS_A_TURN : sliceMs}`,
    );
    turn[way] = ns / 1000 / done;
  }
  return turn;
}

function findingsOf(kind: Kind, sets: readonly Costs[]): Finding[] {
  if (kind === 'cpu' || kind === 'call') {
    return [
      {
        what: LOOPS[kind],
        unit: '×',
        measured: spreadOf(sets.map(({ bare, attached }) => bare / attached)),
        noise: noiseOf(
          sets.map(({ bare, control }) => bare / control),
          1,
        ),
        target: { atLeast: 0.95 },
      },
    ];
  }
  const row = (what: string, unit: 'µs' | '×', value: (costs: Costs) => number): Finding => ({
    what: `${EVENTS[kind]}, ${what}`,
    unit,
    measured: spreadOf(sets.map(value)),
    noise:
      unit === '×'
        ? noiseOf(
            sets.map(({ bare, control }) => control / bare),
            1,
          )
        : noiseOf(
            sets.map(({ bare, control }) => control - bare),
            0,
          ),
    target: null,
  });
  return [
    row('bare', 'µs', ({ bare }) => bare),
    row('added', 'µs', ({ attached, bare }) => attached - bare),
    row('attached / bare', '×', ({ attached, bare }) => attached / bare),
  ];
}
