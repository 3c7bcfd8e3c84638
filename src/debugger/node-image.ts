import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { type LoadedImage, readLoadedImage } from '../formats/elf/loaded-image.ts';
import type { ReadBytes } from '../formats/elf/memory-reader.ts';
import { parseMemoryMap } from '../formats/procfs/memory-map.ts';

/**
 * Reads the image of a running Node that has V8 in it; null where it cannot be read, or `use` throws. Reading constants
 * from it takes some milliseconds, so do it before the process ends.
 */
export function readNodeImage<T>(pid: number, use: (read: ReadBytes, image: LoadedImage) => T): T | null {
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
    return use(read, readLoadedImage(read, image.start));
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}
