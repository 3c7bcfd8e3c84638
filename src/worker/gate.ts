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

/** Opens the gate; again is harmless. */
export function gateOf(pipe: Writable): () => void {
  // The worker may be gone.
  pipe.on('error', () => {});
  return () => {
    if (!pipe.writableEnded) pipe.end('\n');
  };
}
