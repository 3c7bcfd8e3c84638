import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import { unwindCore } from '../../src/symbols/native/unwind-core.ts';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { readCoreAsSnapshot } from '../../test/support/native/core-snapshot.ts';
import { fullCore, openCore } from '../../test/support/native/full-core.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { noiseOf, quartiles, shuffled, spreadOf } from '../report/statistics.ts';

const TIMES = { smoke: 1, quick: 3, full: 12 } as const;
const LANGUAGES = {
  smoke: ['C++'],
  quick: ['C++', 'Node.js', 'Rust'],
  full: ['C++', 'Node.js', 'Rust'],
} as const;
const FRAMES = 64;
const FIXTURES = join(CHECKOUT, 'test', 'fixtures', 'native');

type Subject = { name: string; command: string[] };
type Core = { executable: string; corePath: string };
const WAYS = ['ours', 'control', 'eu-stack', 'gdb'] as const;
type Way = (typeof WAYS)[number];

export const nativeStack: Measurement = {
  name: 'native-stack',
  about: `Time to the stack's text from one trimmed core: unwindCore against gdb's bt ${FRAMES}`,
  async *measure({ scale, progress }) {
    for (const language of LANGUAGES[scale]) {
      progress(language);
      await using workspace = await makeWorkspace();
      const subject = await makeSubject(language, workspace.path);
      if ('cannotRun' in subject) {
        yield { what: language, unit: '×', measured: subject, noise: null, target: null } satisfies Finding;
        continue;
      }
      const core = await makeTrimmedCore(subject.command, workspace.path);
      const times: Record<Way, number>[] = [];
      for (let time = 0; time <= TIMES[scale]; time++) times.push(await takeTurn(core));
      yield* findingsOf(language, times.slice(1));
    }
  },
};

async function makeSubject(
  language: 'C++' | 'Node.js' | 'Rust',
  directory: string,
): Promise<Subject | { cannotRun: string }> {
  const program = join(directory, 'program');
  if (language === 'Node.js') {
    return { name: language, command: [process.execPath, join(FIXTURES, 'kills-itself.cjs')] };
  }
  if (language === 'C++') {
    const source = join(FIXTURES, 'crashes-in-template.cpp');
    await runToEnd(['g++', '-pthread', '-g', '-O2', '-o', program, source]);
    return { name: language, command: [program, 'x'] };
  }
  try {
    execFileSync('rustc', ['--version'], { stdio: 'ignore' });
  } catch {
    return { cannotRun: 'rustc is not installed' };
  }
  execFileSync('rustc', [
    '--edition=2021',
    '-g',
    '-O',
    '-o',
    program,
    join(FIXTURES, 'crashes-in-generics.rs'),
  ]);
  return { name: language, command: [program] };
}

async function makeTrimmedCore(command: readonly string[], directory: string): Promise<Core> {
  using full = openCore(await fullCore(command, directory));
  const corePath = join(directory, 'trimmed');
  writeFileSync(corePath, Buffer.concat(writeTrimmedCore(readCoreAsSnapshot(full.read)).chunks));
  return { executable: command[0] ?? '', corePath };
}

async function takeTurn(core: Core): Promise<Record<Way, number>> {
  const time: Record<Way, number> = { ours: 0, control: 0, 'eu-stack': 0, gdb: 0 };
  for (const way of shuffled(WAYS)) {
    const start = performance.now();
    if (way === 'gdb') await runGdb(core);
    else if (way === 'eu-stack') await runEuStack(core);
    else await runOurs(core);
    time[way] = performance.now() - start;
  }
  return time;
}

async function runOurs(core: Core): Promise<void> {
  const { threads } = await unwindCore({ ...core, maxFrames: FRAMES, timeoutMs: 60_000 });
  if ((threads[0]?.frames.length ?? 0) < 2) throw new Error('unwindCore found no stack');
}

async function runGdb({ executable, corePath }: Core): Promise<void> {
  const settings = ['-nx', '-batch', '-iex', 'set debuginfod enabled off'];
  const text = await runToEnd(['gdb', ...settings, executable, corePath, '-ex', `bt ${FRAMES}`]);
  if (!/^#1 /m.test(text)) throw new Error('gdb found no stack');
}

/** Most of our time if gdb is not used. Its exit status shows that a stack was cut. */
async function runEuStack({ executable, corePath }: Core): Promise<void> {
  const command = 'exec 2>/dev/null; eu-stack -a -i -s -m -b -n "$1" -e "$2" --core="$3" || test $? = 1';
  await runToEnd(['sh', '-c', command, 'sh', String(FRAMES), executable, corePath], {
    env: { DEBUGINFOD_URLS: '' },
  });
}

function findingsOf(language: string, times: readonly Record<Way, number>[]): Finding[] {
  const all = (way: Way): number[] => times.map((time) => time[way]);
  const noise = noiseOf(quartiles(times.map(({ control, ours }) => control - ours)), 0);
  const ms = (what: string, way: Way): Finding => {
    return { what: `${language}, ${what}`, unit: 'ms', measured: spreadOf(all(way)), noise, target: null };
  };
  return [
    ms('ours', 'ours'),
    ms('eu-stack alone', 'eu-stack'),
    ms('gdb', 'gdb'),
    {
      what: `${language}, ours / gdb`,
      unit: '×',
      measured: spreadOf(times.map(({ ours, gdb }) => ours / gdb)),
      noise: noiseOf(quartiles(times.map(({ ours, control }) => control / ours)), 1),
      target: { atMost: 0.5 },
    },
  ];
}
