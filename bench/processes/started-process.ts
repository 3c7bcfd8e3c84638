import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';

export type StartedProcess = AsyncDisposable & {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Settles when the process has exited; never rejects after its start. */
  readonly exited: Promise<void>;
};

export type StartOptions = {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  stdio?: StdioOptions;
  /** It is killed after this time, so that the bench never hangs. */
  deadlineMs?: number;
};

const groups = new Set<number>();

// However the bench ends, no process of it stays.
process.on('exit', () => {
  for (const pid of groups) killGroup(pid);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Starts a process in its own group; disposal kills the group. */
export function startProcess(command: readonly string[], options: StartOptions = {}): StartedProcess {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: cleanEnvironment(options.env),
    detached: true,
    stdio: options.stdio ?? 'ignore',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${file}`);
  groups.add(pid);
  const timer = setTimeout(() => killGroup(pid), options.deadlineMs ?? 300_000);
  timer.unref();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid,
    child,
    exited,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      killGroup(pid);
      await exited;
      groups.delete(pid);
    },
  };
}

/** The environment of the bench without variables that would change the measured programs. */
function cleanEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|CRASHMON_|PM2_)/i.test(name));
  return { ...Object.fromEntries(kept), ...added };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
