import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { readLoadedImage } from '../../formats/elf/loaded-image.ts';
import type { ReadBytes } from '../../formats/elf/memory-reader.ts';
import { parseMemoryMap } from '../../formats/procfs/memory-map.ts';
import { readV8Layout, type V8Layout } from '../../formats/v8/v8-layout.ts';

/**
 * How V8 lays out its objects in this process, null for one that is no Node (or cannot be read). For the time when the
 * debugger is attached: it takes some milliseconds, and a crashing process is not held for that.
 */
export function readV8LayoutOf(pid: number): V8Layout | null {
  let file: number | null = null;
  try {
    const executable = readlinkSync(`/proc/${pid}/exe`);
    const mappings = parseMemoryMap(readFileSync(`/proc/${pid}/maps`, 'utf8'));
    // A Node built with a shared library has V8 in there.
    const image = mappings.find(
      ({ name, offset }) => offset === 0n && (name === executable || /\/libnode\.so[.\d]*$/.test(name)),
    );
    if (image === undefined) return null;
    const opened = openSync(`/proc/${pid}/mem`, 'r');
    file = opened;
    const read: ReadBytes = (address, length) => {
      const bytes = new Uint8Array(length);
      try {
        return bytes.subarray(0, readSync(opened, bytes, 0, length, address));
      } catch {
        return bytes.subarray(0, 0);
      }
    };
    return readV8Layout(read, readLoadedImage(read, image.start));
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}
