import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Vouchers } from '../../model/last-words.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import type { Runtime } from '../../model/runtime.ts';
import { assembliesOf } from '../../symbols/dotnet/assemblies.ts';
import { ClassFinder } from '../../symbols/java/class-finder.ts';
import { type Locate, onHost } from '../../symbols/locate.ts';
import { openProgram, type Program } from '../../symbols/open-program.ts';
import { readSource } from '../../symbols/read-source.ts';
import { changedAtMs } from '../../symbols/script-files.ts';
import { fileId } from '../../worker/observe-program.ts';
import { evalSourceOf } from './eval-source.ts';

type ReadClass = Vouchers['readClass'];

/** Where the classes of a program are. */
const CLASSES: Partial<Record<Runtime, (program: ObservedProgram) => ReadClass>> = {
  java: (program) => {
    // Its files are closed when the analysis ends.
    const classes = new ClassFinder(program);
    return classes.readClass.bind(classes);
  },
};

/** A stack has a few hundred different files at most; what a message names is not worth more. */
const MAX_FILES = 400;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

/** The executable itself, as long as it is the file that ran. Dispose of it. */
export function executableOf(
  { runtime, executable, executableId }: ObservedProgram,
  locate = onHost,
): Program | null {
  return isAsItRan({ executable, executableId }, locate) ? openProgram(locate(executable), runtime) : null;
}

/** Is the executable still the file that ran? */
export function isAsItRan(
  { executable, executableId }: Pick<ObservedProgram, 'executable' | 'executableId'>,
  locate = onHost,
): boolean {
  return executableId !== null && fileId(locate(executable)) === executableId;
}

/** What last words are compared with: the files of the program that printed them, as they were when it started. */
export function vouchersOf(program: ObservedProgram, executable: Program | null, locate = onHost): Vouchers {
  // Archives and assemblies are opened by several paths: in another root directory they are not looked for.
  const isHost = locate === onHost;
  const assemblies = isHost ? assembliesOf : () => null;
  return {
    readSource: sourcesOf(program, locate),
    program: program.runtime === 'dotnet' ? assemblies(program) : (executable?.tables ?? null),
    readClass: (isHost ? CLASSES[program.runtime]?.(program) : null) ?? (() => null),
  };
}

/** The absolute path of a file that a runtime printed; null if it is no path of a file. */
export function printedPath(file: string, cwd: string): string | null {
  if (file === '' || file.includes('\0')) return null;
  if (!file.startsWith('file:')) return isAbsolute(file) ? file : resolve(cwd, file);
  try {
    return fileURLToPath(file);
  } catch {
    return null;
  }
}

/** A file that was changed since the start can have other lines than what ran: it vouches for nothing. */
function sourcesOf({ cwd, args, seenAtMs }: ObservedProgram, locate: Locate): Vouchers['readSource'] {
  const known = new Map<string, string | null>();
  let leftBytes = MAX_TOTAL_BYTES;
  return (file) => {
    if (file === '[eval]') return evalSourceOf(args);
    const path = printedPath(file, cwd);
    if (path === null) return null;
    const found = known.get(path);
    if (found !== undefined || known.size >= MAX_FILES) return found ?? null;
    const isOlder = (changedAtMs(locate(path)) ?? 0) <= seenAtMs;
    const text = isOlder ? readSource(locate(path), Math.min(MAX_FILE_BYTES, leftBytes)) : null;
    leftBytes -= text?.length ?? 0;
    known.set(path, text);
    return text;
  };
}
