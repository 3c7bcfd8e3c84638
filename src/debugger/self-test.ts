import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { attachDebugger } from './attach-debugger.ts';
import { type AttachFailure, attachFailure } from './attach-failure.ts';
import type { AttachOptions } from './attach-options.ts';
import { launchUnderDebugger } from './launch-under-debugger.ts';
import type { DebuggerSession, OnFatal } from './session.ts';

type Outcome = 'captured' | 'not-captured' | AttachFailure;
type Options = Omit<AttachOptions<unknown>, 'pid'>;

/**
 * Captures a small process that handles SIGABRT, and detaches. Two uses: code that has run once is three times as fast
 * when a worker is held, and the outcome shows whether capturing works on this machine.
 */
export async function runSelfTest(options: {
  onFatal: OnFatal<unknown>;
  gdbserverPath?: string;
  holdLimitMs?: number;
  /**
   * Where it is given, the process is started with it below the debugger, for kernels that let only ancestors trace.
   */
  launchEnv?: NodeJS.ProcessEnv | undefined;
}): Promise<Outcome> {
  const { launchEnv, ...rest } = options;
  const seen = Promise.withResolvers<'captured' | 'not-captured'>();
  const attaching: Options = {
    ...rest,
    onEvent: (event) => {
      if (event.type !== 'first-chance') return;
      seen.resolve(event.outcome === 'captured' ? 'captured' : 'not-captured');
    },
  };
  return launchEnv === undefined
    ? await attached(attaching, seen.promise)
    : await launched(attaching, launchEnv, seen.promise);
}

async function attached(options: Options, seen: Promise<Outcome>): Promise<Outcome> {
  const script = 'trap : ABRT; echo ready; read -r line';
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => {
    for (const event of ['exit', 'error']) child.once(event, resolve);
  });
  try {
    await Promise.race([once(child.stdout, 'data'), exited]);
    const session = await attachDebugger<unknown>({ ...options, pid: child.pid ?? 0 });
    if ('failed' in session) return session;
    child.kill('SIGABRT');
    return await outcomeOf(session, seen);
  } finally {
    child.kill('SIGKILL');
    child.stdin.destroy();
    child.stdout.destroy();
    await exited;
  }
}

async function launched(options: Options, env: NodeJS.ProcessEnv, seen: Promise<Outcome>): Promise<Outcome> {
  const nothing = openSync('/dev/null', 'r+');
  try {
    const worker = await launchUnderDebugger<unknown>({
      ...options,
      command: ['/bin/sh', '-c', 'trap : ABRT; kill -ABRT $$'],
      env,
      ownVariables: [],
      stdin: nothing,
      stdout: nothing,
      stderr: nothing,
    });
    if (worker === null) {
      return attachFailure('no-gdbserver', 'gdbserver, setsid or env --default-signal is missing');
    }
    const session = await worker.session;
    const outcome = 'failed' in session ? session : await outcomeOf(session, seen);
    await worker.tracer.end();
    await worker.ended;
    return outcome;
  } finally {
    closeSync(nothing);
  }
}

async function outcomeOf(session: DebuggerSession<unknown>, seen: Promise<Outcome>): Promise<Outcome> {
  const outcome = await Promise.race([seen, session.ended.then(() => 'not-captured' as const)]);
  await session.detach();
  return outcome;
}
