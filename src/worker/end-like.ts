import { accessSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { ExitStatus } from '../model/exit.ts';

/** Signals whose default is a core dump (signal(7)). */
const DUMPING: readonly string[] = [
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGXCPU',
  'SIGXFSZ',
];

const SHELL = '/bin/sh';

/**
 * Ends this process the way its worker ended, so that the parent of crashmon sees the same exit as without it. Call it
 * when no signal listener is left.
 * @param stuck is a write under way to a reader that has stopped? Node's own exit would wait for it forever.
 */
export function endLike(status: ExitStatus, stuck: boolean): never {
  const code = status.type === 'code' ? status.code : 0;
  if (status.type !== 'signal') {
    if (stuck) become(`exit ${code}`);
    process.exit(code);
  }
  const signal = status.signal as NodeJS.Signals;
  // The kernel ignores fatal signals that a container's first process sends itself.
  if (process.pid !== 1) {
    // A core dump of crashmon is useless, and would overwrite the worker's.
    if (DUMPING.includes(signal)) become(`ulimit -c 0; kill -s ${signal.slice(3)} $$`);
    // Node ignores SIGPIPE and SIGXFSZ; after a listener the kernel's default is back.
    if (signal !== 'SIGKILL') process.once(signal, ignore).off(signal, ignore);
    process.kill(process.pid, signal);
  }
  const asCode = 128 + osConstants.signals[signal];
  if (stuck) become(`exit ${asCode}`);
  process.exit(asCode);
}

function ignore(): void {}

/** Replaces this process by a shell; returns if there is none. */
function become(script: string): void {
  try {
    accessSync(SHELL, constants.X_OK);
    process.execve?.(SHELL, ['sh', '-c', script], {});
  } catch {
    // Then by process.exit or process.kill.
  }
}
