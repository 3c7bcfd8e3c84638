import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { CHECKOUT } from '../../support/crashmon.ts';

const GUARD = path.join(import.meta.dirname, 'guard.sh');
/** What is mounted over, and would hide the checkout. */
const COVERED = ['/tmp', '/dev/shm', '/mnt'];

/**
 * Runs a command in namespaces of its own (processes, network, mounts) to its end, or until the signal is aborted. Needs root.
 * However it or this process ends, all of it ends: no process, mount, cgroup or file of it is left on the machine. If the guard
 * itself is killed, a cgroup is left, which the next room removes.
 * @returns its exit code, once nothing is left; another than 0 if it was ended
 */
export async function runInRoom(command: readonly string[], signal: AbortSignal): Promise<number> {
  const covering = COVERED.find((place) => CHECKOUT.startsWith(`${place}/`));
  if (covering !== undefined)
    throw new Error(`The checkout is below ${covering}, which is empty in the room: move it elsewhere.`);
  const words = ['--mount', '--propagation', 'private', 'sh', GUARD, CHECKOUT, ...command];
  if (signal.aborted) return 1;
  // In a process group of its own: Ctrl-C reaches this process alone, which then ends the room.
  const room = spawn('unshare', words, { detached: true, stdio: ['pipe', 'inherit', 'inherit'] });
  const end = () => room.stdin?.end();
  signal.addEventListener('abort', end);
  const [code] = (await once(room, 'exit')) as [number | null];
  signal.removeEventListener('abort', end);
  return code ?? 1;
}
