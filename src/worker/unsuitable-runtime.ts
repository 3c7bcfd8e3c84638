import { readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { isDotnetHost } from '../formats/elf/is-dotnet-host.ts';
import { isGoProgram } from '../formats/elf/is-go-program.ts';
import type { ReadBytes } from '../formats/elf/memory-reader.ts';
import { withElf, withFile } from './open-elf.ts';

const GO =
  'Go programs are not traced: their scheduler’s signals make a debugger costly; a Go panic prints its own stack';
const JVM =
  'Java programs are not traced: the JVM’s own signals make a debugger costly; it writes an hs_err file of its own';
const DOTNET =
  '.NET programs are not traced: its createdump, which writes a dump at a crash, must trace them itself; .NET prints its own stack';

/** Programs other than `java` start a JVM within themselves, too (jsvc, application launchers); so do hosts of .NET. */
const VIRTUAL_MACHINE = /\/lib(?:jvm|coreclr)\.so(?: \(deleted\))?$/m;
const LIBJVM = /\/libjvm\.so(?: \(deleted\))?$/m;
const DOTNET_NAME = /^(?:dotnet|mono(?:-sgen|-boehm)?(?:-\d+)?)$/;
const REASONS = { go: GO, java: JVM, dotnet: DOTNET } as const;

type Unsuitable = keyof typeof REASONS;

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
  return language === null ? null : REASONS[language];
}

export function unsuitableLanguage(pid: number): Unsuitable | null {
  const executable = `/proc/${pid}/exe`;
  try {
    const named = languageNamed(readlinkSync(executable).replace(/ \(deleted\)$/, ''));
    if (named !== null) return named;
    if (mapsLibrary(pid, VIRTUAL_MACHINE)) return mapsLibrary(pid, LIBJVM) ? 'java' : 'dotnet';
    return languageOfFile(executable);
  } catch {
    return null;
  }
}

/** The same of a program that is not running yet, by its path. */
export function unsuitableProgram(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return null;
    const language = languageNamed(realpathSync(path)) ?? languageOfFile(path);
    return language === null ? null : REASONS[language];
  } catch {
    return null;
  }
}

/** The language of the program file at this path; null if it is another one, or cannot be read. */
export function languageAt(path: string): Unsuitable | null {
  try {
    return languageOfFile(path);
  } catch {
    return null;
  }
}

function languageNamed(path: string): Unsuitable | null {
  const name = basename(path);
  if (name === 'java') return 'java';
  return DOTNET_NAME.test(name) ? 'dotnet' : null;
}

/** Has a process mapped a file whose line in its maps this matches? @throws if they cannot be read */
function mapsLibrary(pid: number, line: RegExp): boolean {
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

/** A host of .NET has not loaded the runtime yet when a debugger would attach. */
function languageOfFile(path: string): Unsuitable | null {
  const languageOf = (read: ReadBytes) => (isGoProgram(read) ? 'go' : isDotnetHost(read) ? 'dotnet' : null);
  return withElf(path, languageOf);
}
