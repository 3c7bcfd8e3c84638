import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/**
 * A worker that stands at a gate has its process but has not begun: a shell that becomes the worker as soon as it is
 * told, or as nobody is left to tell it. So a debugger can be there before the worker's first instruction.
 */
const SCRIPT = 'read -r go <&3; exec 3<&-; exec "$@"';

/** The command to start instead; its file descriptor 3 is the gate. */
export function gatedCommand(command: readonly string[]): [file: string, args: string[]] {
  return ['/bin/sh', ['-c', SCRIPT, 'crashmon-gate', ...command]];
}

/**
 * Can the command be started at a gate? The shell would make an exit code of a program that is missing, and an error of
 * its own.
 */
export function canBeGated([file = '']: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const places = file.includes('/')
    ? [file]
    : (env.PATH ?? '').split(':').map((directory) => join(directory, file));
  return places.some(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Opens the gate; again is harmless. */
export function gateOf(pipe: Writable): () => void {
  // The worker may be gone.
  pipe.on('error', () => {});
  return () => {
    if (!pipe.writableEnded) pipe.end('\n');
  };
}
