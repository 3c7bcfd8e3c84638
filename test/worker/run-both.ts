import path from 'node:path';
import { CHECKOUT, MAIN } from '../support/crashmon.ts';
import { type ProgramOptions, type RunningProgram, startProgram } from '../support/run-program.ts';

/** The same for every run; a worker has all of it as if started without crashmon. */
const SURROUNDINGS = `
umask 027
ulimit -S -n 1000
ulimit -S -c 0
trap '' HUP USR2
exec 3</etc/passwd 5</dev/zero 7>/dev/null
echo 300 >/proc/self/oom_score_adj`;

export const MODES = {
  bare: null,
  unarmed: [],
  armed: ['--arm-after', '0', '--cooldown', '0'],
  'armed, below its debugger': ['--arm-after', '0', '--cooldown', '0'],
} as const;

export type Mode = keyof typeof MODES;

export type Subject = {
  command: readonly string[];
  /** Statements of a shell instead of the usual surroundings. */
  surroundings?: string;
  /** What the test does to it; it is not waited for. */
  meanwhile?: (running: RunningProgram) => Promise<void>;
} & Pick<ProgramOptions, 'input' | 'env' | 'cwd'>;

/** How crashmon is started in a mode; nothing for a bare one. */
export function prefixOf(mode: Mode): string[] {
  const options = MODES[mode];
  if (options === null) return [];
  // The entries of a checkout and of the npm package.
  const entry =
    mode === 'unarmed' ? path.join(CHECKOUT, 'crashmon') : path.join(MAIN, '../start/crashmon.sh');
  return [entry, 'run', '--name', 'app', '--quiet', '--restart', 'never', ...options, '--'];
}

export type Seen = { code: number | null; signal: string | null; stdout: string; stderr: string };

/** What a program does and prints, without what the documentation says differs. */
export async function seen(mode: Mode, subject: Subject, stateDir: string): Promise<Seen> {
  const { command, surroundings = SURROUNDINGS, meanwhile, env, ...options } = subject;
  const script = `${surroundings}\nexport OUTER=$$\nexec nice -n 3 "$@"`;
  await using running = startProgram('bash', ['-c', script, 'bash', ...prefixOf(mode), ...command], {
    ...options,
    env: {
      CRASHMON_STATE_DIR: stateDir,
      ...(mode === 'armed, below its debugger' ? { CRASHMON_DEBUGGER: 'parent' } : {}),
      ...env,
    },
  });
  await meanwhile?.(running);
  const { code, signal, stdout, stderr } = await running.exited;
  return { code, signal, stdout: withoutDocumented(stdout), stderr };
}

/** See docs/operations.md, "What a worker sees". */
const DOCUMENTED_NAMES =
  /^.*\b(?:CRASHMON_(?:RUN|PROBE_DIR|STATE_DIR|DEBUGGER)|NODE_OPTIONS|PHP_INI_SCAN_DIR)\b.*\n/gm;
const NUMBERS_OF_A_RUN =
  /((?:pipe|socket):\[)\d+|(OUTER\W+(?:b')?)\d+|(descriptor 2:? ).*|^(descriptor [01] \d \S+ )\d+/gm;

/** The signals that an armed Python handles, to print its stack at a fatal one. */
const FAULT_HANDLERS = /(?<=^SigCgt:\t0{13})4ea$/gm;

function withoutDocumented(stdout: string): string {
  return (
    stdout
      .replaceAll(FAULT_HANDLERS, '002')
      .replaceAll(DOCUMENTED_NAMES, '')
      .replaceAll(NUMBERS_OF_A_RUN, (_, ...groups) => groups.slice(0, 4).find(Boolean) ?? '')
      .split('\n')
      // A shell on the way has sorted the environment in its own way.
      .toSorted()
      .join('\n')
  );
}
