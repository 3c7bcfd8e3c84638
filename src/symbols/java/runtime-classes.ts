import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ImageIndex, type ImageResource, imageIndexBytes } from '../../formats/jimage/image-index.ts';

const MAX_INDEX_BYTES = 64 * 1024 * 1024;
const MAX_CLASS_BYTES = 8 * 1024 * 1024;

/** The classes of a Java runtime (9 or later), in the image beside its executable. */
export class RuntimeClasses implements Disposable {
  readonly #fd: number;
  readonly #index: ImageIndex;

  private constructor(fd: number, index: ImageIndex) {
    this.#fd = fd;
    this.#index = index;
  }

  /** @returns null if there is no such image, or `accept` does not take it */
  static open(executable: string, accept: (stat: Stats) => boolean): RuntimeClasses | null {
    let fd: number | null = null;
    try {
      fd = openSync(join(executable, '../../lib/modules'), constants.O_RDONLY | constants.O_NONBLOCK);
      if (!accept(fstatSync(fd))) return null;
      const bytes = imageIndexBytes(readBytes(fd, 0, 28));
      if (bytes === null || bytes > MAX_INDEX_BYTES) return null;
      const found = new RuntimeClasses(fd, new ImageIndex(readBytes(fd, 0, bytes)));
      fd = null;
      return found;
    } catch {
      return null;
    } finally {
      if (fd !== null) closeSync(fd);
    }
  }

  /** Bytes of a class, by its name with dots. */
  read(name: string): Buffer | null {
    const module = this.#moduleOf(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
    return module === null
      ? null
      : this.#bytesOf(this.#index.find(`/${module}/${name.replaceAll('.', '/')}.class`));
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** A package's entry lists modules: each is whether the package is empty there, and its name. */
  #moduleOf(packageName: string): string | null {
    const modules = this.#bytesOf(this.#index.find(`/packages/${packageName}`));
    for (let at = 0; modules !== null && at + 8 <= modules.length; at += 8)
      if (modules.readUInt32LE(at) === 0) return this.#index.text(modules.readUInt32LE(at + 4));
    return null;
  }

  #bytesOf(resource: ImageResource | null): Buffer | null {
    if (resource === null || resource.sizeBytes > MAX_CLASS_BYTES) return null;
    return readBytes(this.#fd, resource.offset, resource.sizeBytes);
  }
}

function readBytes(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}
