import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LineProgram, startLineProgram } from '../processes/line-program.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { noiseOf, quartiles, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';
import { type DebuggerProcess, startDebuggerProcess } from '../subjects/debugger-process.ts';
import { compileProgram } from '../subjects/native-program.ts';

const ROUNDS = { smoke: 1, quick: 4, full: 15 } as const;
const WARM_UP_ROUNDS = { smoke: 0, quick: 1, full: 1 } as const;
/** After attaching, until the target ticks evenly again. */
const SETTLE_MS = 100;
/** `control` is the target without a debugger, for the same time. */
const WAYS = ['ours', 'gdb', 'control'] as const;
type Round = Record<(typeof WAYS)[number] | 'detach', number>;

export const nativeAttach: Measurement = {
  name: 'native-attach',
  about: 'How long a process stands still while a debugger attaches: ours against gdb -p, attach and detach',
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    const ticks = await compileProgram('ticks', workspace.path);
    await using holder = await startDebuggerProcess(workspace.path, 'attach');
    const targets = {
      'small C server': [ticks, '1'],
      '64 threads': [ticks, '64'],
      'Node.js': benchProgram('node-ticks.mjs'),
    };
    for (const [name, command] of Object.entries(targets)) {
      progress(name);
      await using target = await startLineProgram(command, { cwd: join(workspace.path) });
      const rounds: Round[] = [];
      for (let round = 0; round < WARM_UP_ROUNDS[scale] + ROUNDS[scale]; round++) {
        rounds.push(await takeRound(target, holder));
      }
      yield* findingsOf(name, rounds.slice(WARM_UP_ROUNDS[scale]));
    }
  },
};

async function takeRound(target: LineProgram, holder: DebuggerProcess): Promise<Round> {
  const round: Round = { ours: 0, gdb: 0, control: 0, detach: 0 };
  const stoodStill = async (act: () => Promise<unknown>): Promise<number> => {
    await delay(SETTLE_MS);
    await target.ask('reset');
    await act();
    return ((await target.ask('report'))[0] ?? Number.NaN) / 1e6;
  };
  for (const way of shuffled(WAYS)) {
    if (way === 'control') round.control = await stoodStill(() => delay(50));
    if (way === 'gdb') round.gdb = await stoodStill(() => attachGdb(target.pid));
    if (way === 'ours') {
      round.ours = await stoodStill(() => holder.attach(target.pid));
      round.detach = await stoodStill(() => holder.detach(target.pid));
    }
  }
  return round;
}

/** As users do it, except that it does not fetch debug information from the network. */
async function attachGdb(pid: number): Promise<void> {
  const quiet = ['-nx', '-batch', '-iex', 'set debuginfod enabled off'];
  await runToEnd(['gdb', ...quiet, '-p', String(pid)]);
}

function findingsOf(target: string, rounds: readonly Round[]): Finding[] {
  const all = (way: keyof Round): number[] => rounds.map((round) => round[way]);
  const noise = noiseOf(quartiles(all('control')), 0);
  const row = (what: string, way: keyof Round): Finding => {
    return { what: `${target}, ${what}`, unit: 'ms', measured: spreadOf(all(way)), noise, target: null };
  };
  return [
    row('ours', 'ours'),
    row('our detach', 'detach'),
    row('gdb -p', 'gdb'),
    {
      what: `${target}, ours / gdb -p`,
      unit: '×',
      measured: spreadOf(rounds.map(({ ours, gdb }) => ours / gdb)),
      noise: noiseOf(quartiles(rounds.map(({ control, gdb }) => control / gdb)), 0),
      target: { atMost: 0.1 },
    },
  ];
}
