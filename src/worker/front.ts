import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { Inherited } from './inherited.ts';

const SHELL = '/bin/sh';
const ENV = '/usr/bin/env';
/** Where there is no PATH, execvp(3) uses this one. */
const DEFAULT_PATH = '/bin:/usr/bin';

/** systemd writes the id of the process it starts into these, and the worker compares them with its own. */
const PID_VARIABLES = ['LISTEN_PID', 'WATCHDOG_PID', 'SYSTEMD_EXEC_PID'];
/** The same by the inode of a pidfd. Without it sd_listen_fds(3) goes by LISTEN_PID alone. */
const PIDFD_VARIABLES = ['LISTEN_PIDFDID'];
/** A shell writes them, or some shells do. */
const SHELLS_OWN = ['PWD', 'OLDPWD', 'SHLVL', '_'];

/**
 * The command below a shell that becomes it: the shell restores what Node changes for every process that it starts
 * (`Inherited`), and writes the worker's own process id into systemd's variables. The command itself where nothing is
 * to be restored.
 */
export function withFront(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  inherited: Inherited,
): readonly string[] {
  const ownPid = String(process.pid);
  const pidVariables = PID_VARIABLES.filter((name) => env[name] === ownPid);
  const steps = restores(command, inherited);
  if (steps.length === 0 && pidVariables.length === 0) return command;
  // A missing command fails better without a shell, and env(1) takes a name with an equals sign for a variable.
  const [program = ''] = command;
  if (program.includes('=') || !canRun(program, env.PATH) || !isExecutable(SHELL) || !isExecutable(ENV)) {
    return command;
  }
  const unset = [
    ...SHELLS_OWN.filter((name) => env[name] === undefined),
    ...(pidVariables.includes('LISTEN_PID') ? PIDFD_VARIABLES : []),
  ].map((name) => `-u ${name}`);
  const pids = pidVariables.map((name) => `${name}=$$`);
  const script = [...steps, ['exec', ENV, ...unset, '--', ...pids, '"$@"'].join(' ')].join('\n');
  const shells = SHELLS_OWN.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]));
  return [SHELL, '-c', script, 'sh', ...shells, ...command];
}

/** Statements of a shell. A worker that is Node changes all this itself. */
function restores([program = '']: readonly string[], inherited: Inherited): string[] {
  if (/^node(?:js)?$/.test(basename(program))) return [];
  const { ignoredSignals, openFiles, descriptors } = inherited;
  const steps: string[] = [];
  if (ignoredSignals.length > 0) steps.push(`trap '' ${ignoredSignals.join(' ')}`);
  if (openFiles !== null && openFiles !== ownOpenFiles()) {
    steps.push(`ulimit -S -n ${openFiles} 2>/dev/null || :`);
  }
  for (const descriptor of [0, 1]) {
    if (descriptors?.includes(descriptor) === false) steps.push(`exec ${descriptor}<&-`);
  }
  return steps;
}

/** Our own soft limit, as Node has set it. */
function ownOpenFiles(): string | null {
  try {
    return /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Would execvp(3) find it? */
function canRun(program: string, path: string | undefined): boolean {
  if (program.includes('/')) return isExecutable(program);
  return (path ?? DEFAULT_PATH)
    .split(delimiter)
    .some((directory) => isExecutable(join(directory || '.', program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
