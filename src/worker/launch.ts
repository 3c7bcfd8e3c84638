import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { ExitStatus } from '../model/exit.ts';
import { withFront } from './front.ts';
import { descriptorsToPass, type Inherited } from './inherited.ts';
import { readProcessStat } from './process-info.ts';
import type { Worker } from './worker.ts';

export type LaunchOptions = {
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  /** File descriptor for standard error, or `inherit`. */
  stderr: number | 'inherit';
  /** What the worker inherits from before crashmon. */
  inherited: Inherited;
};

export type LaunchFailure = { failed: 'not-found' | 'not-executable' | 'other'; message: string };

/**
 * Starts a worker as a child in crashmon's own session and process group: signals of the terminal or an outer
 * supervisor to the group reach it exactly as without crashmon, and it outlives crashmon. Standard input and output are
 * inherited, so crashmon cannot block or break them.
 */
export async function launchWorker(options: LaunchOptions): Promise<Worker | LaunchFailure> {
  const { env, inherited } = options;
  const [name = ''] = options.command;
  const [file, ...args] = withFront(options.command, env, inherited);
  if (file === undefined) return { failed: 'not-found', message: 'no command was given' };
  let child: ChildProcess;
  try {
    child = spawn(file, args, { stdio: streams(options), env });
  } catch (error) {
    // Some failures (E2BIG, ENOTDIR, …) are thrown, others emitted.
    return toFailure(error as Error, name);
  }
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve(toStatus(code, signal)));
  });
  // Also emitted later, and harmless then: a worker that became another user cannot be signaled.
  const failure = new Promise<Error>((resolve) => child.on('error', resolve));
  if (child.pid === undefined) return toFailure(await failure, name);
  const pid = child.pid;
  return {
    pid,
    startTicks: readProcessStat(pid)?.startTicks ?? 0,
    exited,
    // The pid cannot be reused before the exit is collected; ChildProcess.kill checks that.
    signal: (name) => void child.kill(name),
  };
}

/** Each inherited descriptor keeps its number. */
function streams({ stderr, inherited }: LaunchOptions): StdioOptions {
  const streams: ('inherit' | 'ignore' | number)[] = ['inherit', 'inherit', stderr];
  for (const descriptor of descriptorsToPass(inherited)) {
    // From 3 on `ignore` opens nothing.
    while (streams.length < descriptor) streams.push('ignore');
    streams[descriptor] = descriptor;
  }
  return streams;
}

function toStatus(code: number | null, signal: string | null): ExitStatus {
  if (signal !== null) return { type: 'signal', signal };
  return code === null ? { type: 'unknown' } : { type: 'code', code };
}

function toFailure(error: Error & { code?: string }, file: string): LaunchFailure {
  if (error.code === 'ENOENT') return { failed: 'not-found', message: `command not found: ${file}` };
  if (error.code === 'EACCES' || error.code === 'ENOTDIR')
    return { failed: 'not-executable', message: `not executable: ${file}` };
  return { failed: 'other', message: `cannot start ${file}: ${error.message}` };
}
