import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLineProgram } from '../processes/line-program.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { CannotRun, Finding, Measurement, Scale } from '../report/finding.ts';
import { median, noiseOf, quartiles, shuffled, spreadOf } from '../report/statistics.ts';
import { startDebuggerProcess } from '../subjects/debugger-process.ts';
import { kernelCores, lacksSpaceFor, lacksSystemdCoredump } from '../subjects/kernel-core.ts';
import { compileProgram } from '../subjects/native-program.ts';

const SIZES = { '100 MB': 100, '1 GB': 1000, '4 GB': 4000 } as const;
type Size = keyof typeof SIZES;
const SIZES_OF: Record<Scale, readonly Size[]> = {
  smoke: ['100 MB'],
  quick: ['100 MB', '1 GB', '4 GB'],
  full: ['100 MB', '1 GB', '4 GB'],
};

/** Repetitions per size and way. A kernel core of 4 GB takes 15 s. */
const TIMES = {
  smoke: { '100 MB': 1, '1 GB': 1, '4 GB': 1 },
  quick: { '100 MB': 6, '1 GB': 4, '4 GB': 2 },
  full: { '100 MB': 20, '1 GB': 12, '4 GB': 6 },
} as const;
const KERNEL_TIMES = { smoke: 1, quick: 1, full: 3 } as const;
const SETTLE_MS = 200;
const SIGSEGV = 11;

/** `control` is `without` again; `whole` keeps all memory; `systemd` is a kernel core piped to systemd-coredump. */
const WAYS = ['without', 'control', 'ours', 'whole', 'kernel', 'systemd'] as const;
type Way = (typeof WAYS)[number];
type Subject = { program: string; directory: string };
type Deaths = Record<Way, number[]> & { holdMs: number[]; wholeHoldMs: number[] };

export const nativeDeath: Measurement = {
  name: 'native-death',
  about:
    "From just before a segmentation fault to its parent's return of waitpid, by memory that was touched",
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    const directory = workspace.path;
    const program = await compileProgram('doomed', directory);
    const systemd = lacksSystemdCoredump();
    // A core goes to systemd-coredump or to a file, so only one of them can be measured.
    using kernel = openKernel(systemd === null ? 'core_pattern is systemd-coredump’s' : null, directory);
    for (const size of SIZES_OF[scale]) {
      const noSpace = lacksSpaceFor(SIZES[size], directory);
      const refused = kernel.cannotRun ?? noSpace;
      const ways = WAYS.filter((way) => {
        if (way === 'kernel') return refused === null;
        return way !== 'systemd' || (systemd ?? noSpace) === null;
      });
      const deaths = await dieOften({ program, directory }, { size, ways, scale, progress });
      yield* findingsOf(size, deaths, { kernel: refused, systemd: systemd ?? noSpace });
    }
  },
};

function openKernel(taken: string | null, directory: string): Disposable & { cannotRun: string | null } {
  const cores = taken === null ? kernelCores(directory) : { cannotRun: taken };
  if ('cannotRun' in cores) return { cannotRun: cores.cannotRun, [Symbol.dispose]: () => {} };
  return { cannotRun: null, [Symbol.dispose]: () => cores[Symbol.dispose]() };
}

async function dieOften(
  subject: Subject,
  {
    size,
    ways,
    scale,
    progress,
  }: { size: Size; ways: readonly Way[]; scale: Scale; progress(text: string): void },
): Promise<Deaths> {
  const deaths: Deaths = {
    ...{ without: [], control: [], ours: [], whole: [], kernel: [], systemd: [] },
    ...{ holdMs: [], wholeHoldMs: [] },
  };
  const times = TIMES[scale][size];
  for (let time = 0; time < times; time++) {
    progress(`${size}, death ${time + 1} of ${times}`);
    const writing = time < KERNEL_TIMES[scale];
    for (const way of shuffled(ways.filter((one) => writing || !['kernel', 'systemd'].includes(one)))) {
      await delay(SETTLE_MS);
      deaths[way].push(await die(subject, way, SIZES[size], deaths));
    }
  }
  return deaths;
}

/** Time of the crash, in ms. */
async function die(
  { program, directory }: Subject,
  way: Way,
  megabytes: number,
  deaths: Deaths,
): Promise<number> {
  const dumps = way === 'kernel' || way === 'systemd';
  const command = [program, String(megabytes), '1', dumps ? 'core' : 'no-core'];
  await using stack = new AsyncDisposableStack();
  // A new one each time: an agent captures once after its self-test.
  const captures = way === 'ours' || way === 'whole';
  const holder = captures ? stack.use(await startDebuggerProcess(directory, 'death')) : null;
  const doomed = stack.use(await startLineProgram(command, { cwd: directory }));
  const pid = Number(doomed.hello);
  await holder?.attach(pid, { whole: way === 'whole' });
  const [ns = Number.NaN, signal, dumped] = await doomed.ask('die');
  if (signal !== SIGSEGV || (dumped === 1) !== dumps) throw new Error(`${way}: it did not die as it should`);
  const holds = way === 'whole' ? deaths.wholeHoldMs : deaths.holdMs;
  if (holder !== null) holds.push((await holder.death(pid)).holdMs);
  removeCores(directory);
  return ns / 1e6;
}

/** At once, so that it is not written to the disk during the next crashes. */
function removeCores(directory: string): void {
  for (const name of readdirSync(directory)) if (/^core/.test(name)) rmSync(join(directory, name));
}

type Refusals = Record<'kernel' | 'systemd', string | null>;

function findingsOf(size: Size, deaths: Deaths, refusals: Refusals): Finding[] {
  const without = median(deaths.without);
  const over = (way: Way): number[] => deaths[way].map((ms) => ms - without);
  const noise = noiseOf(quartiles(over('control')), 0);
  const ms = (what: string, values: readonly number[]): Finding => {
    return { what: `${size}, ${what}`, unit: 'ms', measured: spreadOf(values), noise, target: null };
  };
  const other = (what: string, way: 'kernel' | 'systemd'): Finding => {
    const reason = refusals[way];
    return reason === null ? ms(what, deaths[way]) : { ...ms(what, []), measured: { cannotRun: reason } };
  };
  const kernelRatio: Finding['measured'] =
    refusals.kernel === null
      ? spreadOf(deaths.kernel.map((one) => one / median(deaths.ours)))
      : ({ cannotRun: refusals.kernel } satisfies CannotRun);
  return [
    ms('without capture', deaths.without),
    ms('ours', deaths.ours),
    ms('of that held', deaths.holdMs),
    { ...ms('added by ours', over('ours')), target: { atMost: Number((0.3 * without + 15).toFixed(1)) } },
    { ...ms('all memory kept', deaths.whole), target: { atMost: Number((1.3 * without + 1000).toFixed(1)) } },
    ms('all memory kept, of that held', deaths.wholeHoldMs),
    other("the kernel's core to disk", 'kernel'),
    {
      what: `${size}, the kernel's core / ours`,
      unit: '×',
      measured: kernelRatio,
      noise: null,
      target: size === '4 GB' ? { atLeast: 20 } : null,
    },
    other('systemd-coredump', 'systemd'),
  ];
}
