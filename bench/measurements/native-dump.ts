import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type LineProgram, startLineProgram } from '../processes/line-program.ts';
import { memoryOf } from '../processes/process-usage.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';
import { type DebuggerProcess, startDebuggerProcess } from '../subjects/debugger-process.ts';
import { compileProgram } from '../subjects/native-program.ts';

const MEGABYTES = 100;
const TIMES = { smoke: 1, quick: 1, full: 3 } as const;

export const nativeDump: Measurement = {
  name: 'native-dump',
  about: `Size of our core against gdb's of the same process, with ${MEGABYTES} MB touched`,
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    const program = await compileProgram('doomed', workspace.path);
    await using holder = await startDebuggerProcess(workspace.path, 'dump');
    const targets = {
      C: [program, String(MEGABYTES), '1', 'no-core'],
      'C, 64 threads': [program, String(MEGABYTES), '64', 'no-core'],
      'Node.js': benchProgram('node-ticks.mjs', String(MEGABYTES)),
    };
    for (const [name, command] of Object.entries(targets)) {
      const sizes: Sizes[] = [];
      for (let time = 1; time <= TIMES[scale]; time++) {
        progress(`${name}, ${time} of ${TIMES[scale]}`);
        await using target = await startLineProgram(command, { cwd: workspace.path });
        sizes.push(await measureSizes(target, holder, workspace.path));
      }
      yield* findingsOf(name, sizes);
    }
  },
};

type Sizes = { trimmedMb: number; fullMb: number; residentMb: number };

async function measureSizes(target: LineProgram, holder: DebuggerProcess, directory: string): Promise<Sizes> {
  // The C program is the parent of the crashing child; Node.js crashes itself.
  const isChild = target.hello !== '';
  const pid = isChild ? Number(target.hello) : target.pid;
  const core = join(directory, 'full');
  const residentMb = memoryOf([pid]).rssMb;
  await runToEnd(['gdb', '-nx', '-batch', '-p', String(pid), '-ex', `generate-core-file ${core}`]);
  // Allocated size, since gdb leaves holes.
  const fullMb = (statSync(core).blocks * 512) / 1e6;
  await runToEnd(['rm', core]);
  await holder.attach(pid);
  const died = holder.death(pid);
  if (isChild) await target.ask('die');
  else process.kill(pid, 'SIGSEGV');
  return { trimmedMb: (await died).sizeBytes / 1e6, fullMb, residentMb };
}

/** gdb also writes untouched memory (stacks, reserved heaps), so the target is the smaller one. */
function findingsOf(name: string, sizes: readonly Sizes[]): Finding[] {
  const row = (what: string, unit: Finding['unit'], value: (of: Sizes) => number): Finding => {
    return {
      what: `${name}, ${what}`,
      unit,
      measured: spreadOf(sizes.map(value)),
      noise: null,
      target: null,
    };
  };
  return [
    row("gdb's core", 'MB', ({ fullMb }) => fullMb),
    row('resident', 'MB', ({ residentMb }) => residentMb),
    row('trimmed', 'kB', ({ trimmedMb }) => trimmedMb * 1000),
    {
      ...row(
        'the smaller of the two / trimmed',
        '×',
        (of) => Math.min(of.fullMb, of.residentMb) / of.trimmedMb,
      ),
      target: { atLeast: 100 },
    },
  ];
}
