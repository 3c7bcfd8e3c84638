import type { StderrSource } from '../worker-source.ts';
import type { WatchedChild } from './child-exit.ts';
import type { ChildWords, Said } from './children-parts.ts';

/** What a run's processes wrote since the last of them ended: the words of one that ends now are there, or nowhere. */
export class SharedStderr implements ChildWords {
  readonly #stderr: Pick<StderrSource, 'tail'> | null;
  /** Offset in the file. */
  #mark = 0;

  constructor(stderr: Pick<StderrSource, 'tail'> | null) {
    this.#stderr = stderr;
  }

  beginRun(): void {
    this.#mark = 0;
  }

  of(_child: WatchedChild, { atMs }: { atMs: number }): Said | null {
    if (this.#stderr === null) return null;
    const { bytes, offset, writtenAtMs } = this.#stderr.tail();
    const end = offset + bytes.length;
    // The file can have been emptied since.
    const from = this.#mark > end ? offset : Math.max(offset, this.#mark);
    this.#mark = end;
    const silenceMs = Math.max(0, atMs - writtenAtMs);
    return { bytes: bytes.subarray(from - offset), offset: from, silenceMs, isShared: true };
  }
}
