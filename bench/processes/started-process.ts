import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';

export type StartedProcess = AsyncDisposable & {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Settles when the process itself is gone; never rejects once it has started. */
  readonly exited: Promise<void>;
};

export type StartOptions = {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  stdio?: StdioOptions;
  /** It is killed when it lives longer: a bench never waits for what hangs. */
  deadlineMs?: number;
};

const groups = new Set<number>();

// Whatever way the bench ends, nothing that it started lives on.
process.on('exit', () => {
  for (const pid of groups) killGroup(pid);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Starts a process in a group of its own; disposal kills the whole group. */
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

/** The bench's own environment without what would change the programs that are measured. */
function cleanEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|CRASHMON_|PM2_)/i.test(name));
  return { ...Object.fromEntries(kept), ...added };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
