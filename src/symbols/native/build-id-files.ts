import { closeSync, constants, fstatSync, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { MappedFile } from '../../formats/elf/core-notes.ts';
import type { TextModule } from '../../formats/stack-text/stack-text.ts';

/** Where files of a program with another root directory are. */
export type OtherRoot = {
  /** A path by which this process opens what the program called `path`. */
  locate: (path: string) => string;
  /** A private directory for links; what is put there is removed again. */
  scratch: string;
};

const { O_RDONLY, O_NONBLOCK } = constants;
const BUILD_ID = /^([0-9a-f]{2})([0-9a-f]{6,126})$/;
const MAX_FILES = 500;

/**
 * The modules of a core in a directory in which tools look files up by their build ID (`.build-id/ab/cdef…`): a file that
 * was replaced, or one of this host with the same path, is not taken for the one that ran. Dispose of it once the tools
 * have ended.
 * @throws if the directory cannot be made
 */
export function buildIdFiles(
  modules: readonly TextModule[],
  files: readonly MappedFile[],
  { locate, scratch }: OtherRoot,
): Disposable & { path: string } {
  const path = join(scratch, 'modules');
  const opened: number[] = [];
  mkdirSync(path, { mode: 0o700 });
  for (const { start, buildId } of modules.slice(0, MAX_FILES)) {
    const name = fileAt(files, start);
    const [, first, rest] = BUILD_ID.exec(buildId ?? '') ?? [];
    const fd = name === null || first === undefined ? null : openFile(locate(name));
    if (fd === null || first === undefined || rest === undefined) continue;
    opened.push(fd);
    const directory = join(path, '.build-id', first);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    symlinkSync(`/proc/${process.pid}/fd/${fd}`, join(directory, rest));
  }
  return {
    path,
    [Symbol.dispose]() {
      opened.forEach((fd) => {
        closeSync(fd);
      });
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The program's own path of what it had mapped at this address. */
export function fileAt(files: readonly MappedFile[], start: bigint): string | null {
  return files.find((file) => file.start === start)?.name ?? null;
}

function openFile(place: string): number | null {
  let fd: number | null = null;
  try {
    fd = openSync(place, O_RDONLY | O_NONBLOCK);
    if (fstatSync(fd).isFile()) return fd;
  } catch {
    // Not there, or not readable.
  }
  if (fd !== null) closeSync(fd);
  return null;
}
