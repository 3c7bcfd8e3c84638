import { readlinkSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { isGoProgram } from '../formats/elf/is-go-program.ts';
import { withElf, withFile } from './open-elf.ts';

const GO =
  'Go programs are not traced: their scheduler’s signals make a debugger costly; a Go panic prints its own stack';
const JVM =
  'Java programs are not traced: the JVM’s own signals make a debugger costly; it writes an hs_err file of its own';

/** Programs other than `java` start a JVM within themselves, too (jsvc, application launchers). */
const LIBJVM = /\/libjvm\.so(?: \(deleted\))?$/m;

/** The kernel hands out a page at a time. */
const MAX_READ_BYTES = 4_096;
/** Some 10,000 mappings; a JVM has a few hundred when it starts. */
const MAX_MAPS_BYTES = 1024 * 1024;

/**
 * Why a running process must not be traced: with a debugger attached a signal takes ten times as long, a handled fault
 * a hundred times, and these runtimes use both all the time. One sentence without text of the worker; null if it can
 * be traced, or the process cannot be read. Takes about a millisecond; never throws.
 */
export function unsuitableRuntime(pid: number): string | null {
  const language = unsuitableLanguage(pid);
  return language === null ? null : language === 'java' ? JVM : GO;
}

export function unsuitableLanguage(pid: number): 'java' | 'go' | null {
  const executable = `/proc/${pid}/exe`;
  try {
    if (isJava(readlinkSync(executable).replace(/ \(deleted\)$/, '')) || mapsLibrary(pid, LIBJVM))
      return 'java';
    return isGoFile(executable) ? 'go' : null;
  } catch {
    return null;
  }
}

/** The same of a program that is not running yet, by its path. */
export function unsuitableProgram(path: string): string | null {
  try {
    if (isJava(realpathSync(path))) return JVM;
    return isGoFile(path) ? GO : null;
  } catch {
    return null;
  }
}

/** Is the file at this path a Go program? */
export function isGoProgramAt(path: string): boolean {
  try {
    return isGoFile(path);
  } catch {
    return false;
  }
}

function isJava(path: string): boolean {
  return basename(path) === 'java';
}

/** Has a process mapped a file whose line in its maps this matches? @throws if they cannot be read */
export function mapsLibrary(pid: number, line: RegExp): boolean {
  return withFile(`/proc/${pid}/maps`, (fd) => {
    const chunk = Buffer.allocUnsafe(MAX_READ_BYTES);
    let rest = '';
    for (let total = 0; total < MAX_MAPS_BYTES; ) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) break;
      const text = rest + chunk.toString('latin1', 0, length);
      if (line.test(text)) return true;
      rest = text.slice(text.lastIndexOf('\n') + 1);
      total += length;
    }
    return false;
  });
}

function isGoFile(path: string): boolean {
  return withElf(path, isGoProgram);
}
