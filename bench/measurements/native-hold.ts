import { startLineProgram } from '../processes/line-program.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { median, noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import {
  agentFlags,
  type Captured,
  type DebuggerProcess,
  startDebuggerProcess,
} from '../subjects/debugger-process.ts';
import { compileProgram } from '../subjects/native-program.ts';

const THREADS = { smoke: [8], quick: [1, 8, 64], full: [1, 8, 64] } as const;
/** New debugger processes; each captures one crash, like an agent after its self-test. */
const SETS = { smoke: 1, quick: 3, full: 12 } as const;

/** How V8 runs the capturing code. `control` is `agent` again. */
const WAYS = {
  agent: {},
  control: {},
  'default flags': { flags: [] },
  'agent, then --sparkplug': { later: ['--sparkplug'] },
  'agent, then --always-sparkplug': { later: ['--sparkplug', '--always-sparkplug'] },
  'agent, then --opt': { later: ['--sparkplug', '--maglev', '--opt'] },
} as const;
type WayName = keyof typeof WAYS;
const WAY_NAMES = Object.keys(WAYS) as WayName[];

type Held = { way: WayName; threads: number; captured: Captured };

export const nativeHold: Measurement = {
  name: 'native-hold',
  about: 'How long a debugger holds a crashing process to capture it, by threads and by flags of Node.js',
  async *measure({ scale, progress }) {
    const sets = SETS[scale];
    await using workspace = await makeWorkspace();
    const program = await compileProgram('doomed', workspace.path);
    const held: Held[] = [];
    for (let set = 1; set <= sets; set++) {
      progress(`processes ${set} of ${sets}`);
      for (const way of shuffled(WAY_NAMES)) {
        for (const threads of shuffled(THREADS[scale])) {
          await using holder = await startDebuggerProcess(workspace.path, 'hold', WAYS[way]);
          held.push({ way, threads, captured: await captureOne(program, threads, holder) });
        }
      }
    }
    yield* THREADS[scale].flatMap((threads) =>
      findingsOf(
        held.filter((one) => one.threads === threads),
        threads,
      ),
    );
  },
};

async function captureOne(program: string, threads: number, holder: DebuggerProcess): Promise<Captured> {
  await using doomed = await startLineProgram([program, '10', String(threads), 'no-core']);
  const pid = Number(doomed.hello);
  await holder.attach(pid);
  await doomed.ask('die');
  const captured = await holder.death(pid);
  if (captured.threads !== threads || captured.nullAccess !== 1) throw new Error('it was not captured whole');
  return captured;
}

function findingsOf(held: readonly Held[], threads: number): Finding[] {
  const of = (way: WayName, part: keyof Captured): number[] =>
    held.filter((one) => one.way === way).map(({ captured }) => captured[part]);
  const noise = noiseOf([median(of('control', 'holdMs')) - median(of('agent', 'holdMs'))], 0);
  const row = (what: string, way: WayName, part: keyof Captured): Finding => {
    const measured = spreadOf(of(way, part));
    return {
      what: `${threads === 1 ? '1 thread' : `${threads} threads`}, ${what}`,
      unit: 'ms',
      measured,
      noise,
      target: null,
    };
  };
  return [
    row(`flags of the agent (${agentFlags().length})`, 'agent', 'holdMs'),
    row('of that the classification', 'agent', 'classifyMs'),
    row('of that the trimmed core', 'agent', 'trimMs'),
    ...WAY_NAMES.slice(2).map((way) => row(way, way, 'holdMs')),
  ];
}
