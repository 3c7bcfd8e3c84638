import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { CapturedOutput } from './captured-output.ts';

export type ProgramOptions = {
  cwd?: string;
  /** Added to the test's own environment; `undefined` takes a variable out. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Written to standard input, which is then closed. Without it standard input is empty. `'open'` leaves it open. */
  input?: string | 'open';
  /** When the test fails instead of waiting longer; two minutes by default. */
  deadlineMs?: number;
};

export type ProgramResult = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunningProgram = AsyncDisposable & {
  readonly pid: number;
  readonly stdin: Writable;
  /** What was said so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Settles when the program itself has exited, whatever descendants keep open. Rejects at the deadline. */
  readonly exited: Promise<ProgramResult>;
  /**
   * Waits for a line that matches, also one that came before the call; `from` skips that many characters of the
   * stream (pass `program.stderr.length` to wait for something new).
   */
  waitForLine(stream: 'stdout' | 'stderr', pattern: RegExp, from?: number): Promise<RegExpMatchArray>;
  /** To the program alone, not to its group. */
  kill(signal: NodeJS.Signals): void;
};

/**
 * Starts a program in a process group of its own. At disposal everything left in the group is killed, so that a
 * failing test leaves nothing behind.
 */
export function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: mergedEnvironment(options.env),
    detached: true,
    stdio: 'pipe',
  });
  child.stdin.on('error', () => {});
  if (options.input !== 'open') child.stdin.end(options.input ?? '');
  const stdout = new CapturedOutput(child.stdout);
  const stderr = new CapturedOutput(child.stderr);

  const deadlineMs = options.deadlineMs ?? 120_000;
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    killGroup(child);
    overdue.reject(
      new Error(
        `not done after ${deadlineMs} ms: ${[command, ...args].join(' ')}\n` +
          `--- stdout\n${stdout.text}\n--- stderr\n${stderr.text}`,
      ),
    );
  }, deadlineMs);

  const exited = Promise.race([result(child, stdout, stderr), overdue.promise]).finally(() => {
    clearTimeout(timer);
  });
  // Without a caller that waits for the end, the error comes from waitForLine or at disposal.
  exited.catch(() => {});
  overdue.promise.catch(() => {});

  return {
    pid: child.pid ?? -1,
    stdin: child.stdin,
    get stdout() {
      return stdout.text;
    },
    get stderr() {
      return stderr.text;
    },
    exited,
    waitForLine: (stream, pattern, from) =>
      Promise.race([
        (stream === 'stdout' ? stdout : stderr).line(pattern, from).catch((error: Error) => {
          throw new Error(
            `${stream} ${error.message}\n--- stdout\n${stdout.text}\n--- stderr\n${stderr.text}`,
          );
        }),
        overdue.promise,
      ]),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      killGroup(child);
      if (child.pid !== undefined) await exited.catch(() => {});
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/** Runs a program to its end. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  await using program = startProgram(command, args, options);
  return await program.exited;
}

async function result(
  child: ChildProcess,
  stdout: CapturedOutput,
  stderr: CapturedOutput,
): Promise<ProgramResult> {
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...status) => resolve(status));
  });
  // A descendant that lives on holds the pipes open: what it says later is not this program's output.
  const flushed = Promise.all([stdout.ended, stderr.ended]);
  const grace = Promise.withResolvers<void>();
  const timer = setTimeout(grace.resolve, 250);
  await Promise.race([flushed, grace.promise]);
  clearTimeout(timer);
  return { code, signal, stdout: stdout.text, stderr: stderr.text };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Without NODE_OPTIONS and the variables of the test runner. */
function mergedEnvironment(added: ProgramOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env.NODE_OPTIONS;
  delete env.NODE_TEST_CONTEXT;
  for (const [name, value] of Object.entries(added ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}
