import type { Frame } from '../model/frame.ts';

/** Is the stack that of a thread of Node's worker_threads? */
export function isInWorkerThread(frames: readonly Frame[]): boolean {
  return frames.some(({ function: name }) => name?.startsWith('node::worker::Worker::') ?? false);
}
