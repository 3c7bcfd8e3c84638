import { spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type AttachOptions, attachBy, WATCH_EVERY_SECONDS } from './attach-debugger.ts';
import type { AttachFailure } from './attach-failure.ts';
import { GdbserverProcess } from './gdbserver-process.ts';
import type { DebuggerSession } from './session.ts';

/**
 * The shell becomes gdbserver after it started the worker, which makes gdbserver the worker's parent. A shell without
 * job control has its background commands ignore SIGINT and SIGQUIT and read nothing: both are put right.
 */
const SCRIPT = `
gdbserver=$1; shift
exec 5<&0
env --default-signal=INT,QUIT -- "$@" <&5 3>&- 4>&- 5<&- &
echo "$!" >&4
exec 4>&- 5<&-
trap "" PIPE
exec "$gdbserver" --once --multi - <&3 >&3 2>/dev/null 3>&-`;

export type DebuggedLaunch<C> = {
  /** The worker's; it may have ended already. */
  pid: number;
  /** Where attaching failed the worker runs untraced, as an orphan. */
  session: DebuggerSession<C> | AttachFailure;
};

/**
 * Starts a command with a debugger as its parent, for kernels that let only ancestors trace (`ptrace_scope` 1) and
 * users without the capability. The worker shares our session, standard input and output.
 *
 * It is gdbserver's child, not ours: how it ended is told by `session.ended` alone, and after `detached` or `lost`
 * nobody can tell. A command that cannot be executed exits with 126 or 127.
 *
 * Returns null where the worker could not be started at all.
 */
export async function launchUnderDebugger<C>(
  options: Omit<AttachOptions<C>, 'pid'> & {
    command: readonly string[];
    env: NodeJS.ProcessEnv;
    /** File descriptor for standard error, or `inherit`. */
    stderr: number | 'inherit';
    /** For standard input and output; inherited unless told. */
    stdin?: number | 'inherit';
    stdout?: number | 'inherit';
  },
): Promise<DebuggedLaunch<C> | null> {
  const { command, env, stderr, stdin = 'inherit', stdout = 'inherit', ...attaching } = options;
  const { gdbserverPath = 'gdbserver', watchEverySeconds = WATCH_EVERY_SECONDS } = options;
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'crashmon-launch', gdbserverPath, ...command], {
    env,
    stdio: [stdin, stdout, stderr, 'pipe', 'pipe'],
  });
  const wire = child.stdio[3] as Duplex;
  const gdbserver = new GdbserverProcess(child, wire, wire, watchEverySeconds);
  const pid = Number(await text(child.stdio[4] as Readable));
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    await gdbserver.kill();
    return null;
  }
  return { pid, session: await attachBy(gdbserver, { ...attaching, pid }) };
}
