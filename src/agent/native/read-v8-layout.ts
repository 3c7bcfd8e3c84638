import { readNodeImage } from '../../debugger/node-image.ts';
import { readV8Layout, type V8Layout } from '../../formats/v8/v8-layout.ts';

/**
 * How V8 lays out its objects in this process, null for one that is no Node (or cannot be read). For the time when the
 * debugger is attached: a crashing process is not held for it.
 */
export function readV8LayoutOf(pid: number): V8Layout | null {
  return readNodeImage(pid, readV8Layout);
}
