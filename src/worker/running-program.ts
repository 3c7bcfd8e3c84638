import { basename } from 'node:path';
import { hasElfMagic } from '../formats/elf/elf-header.ts';
import { isRustProgram } from '../formats/elf/is-rust-program.ts';
import type { Runtime } from '../model/runtime.ts';
import { withElf } from './open-elf.ts';
import { listChildren, readExecutable } from './process-info.ts';
import { languageAt, unsuitableLanguage } from './unsuitable-runtime.ts';

const BY_NAME: readonly (readonly [RegExp, Runtime])[] = [
  [/^node(?:js)?[-\d.]*$/, 'node'],
  [/^bun(?:-profile)?(?:\.exe)?$/, 'bun'],
  [/^deno$/, 'deno'],
  [/^(?:python|pypy)[-\d.]*[dmt]?$/, 'python'],
  [/^(?:ruby|jruby)[-\d.]*$/, 'ruby'],
  [/^perl[-\d.]*$/, 'perl'],
  [/^php(?:-fpm|-cgi)?[-\d.]*$/, 'php'],
  [/^(?:dotnet|mono(?:-sgen|-boehm)?(?:-\d+)?)$/, 'dotnet'],
  [/^java$/, 'java'],
  [/^beam(?:\.\w+)*\.smp$|^beam$/, 'erlang'],
];

/** systemd reports a process before that has executed its program. */
const SYSTEMD = /\/systemd(?:-executor)?$/;

/** False while it is still what systemd forked; true if that cannot be read. */
export function hasExecuted(pid: number): boolean {
  return !SYSTEMD.test(readExecutable(pid) ?? '');
}

/** What a process runs, by its executable; null if it cannot be read. */
export function readRuntime(pid: number): Runtime | null {
  const executable = readExecutable(pid);
  if (executable === null || SYSTEMD.test(executable)) return null;
  const named = runtimeNamed(basename(executable)) ?? unsuitableLanguage(pid);
  if (named !== null) return named;
  if (isRustFile(`/proc/${pid}/exe`)) return 'rust';
  // It can have ended before its file was read.
  return readExecutable(pid) === null ? null : 'native';
}

/** What a program file runs as, by its name and contents; null if it is no machine code, e.g. a script. */
export function runtimeOfFile(path: string): Runtime | null {
  const named = runtimeNamed(basename(path));
  if (named !== null) return named;
  const language = languageAt(path);
  if (language !== null) return language;
  if (isRustFile(path)) return 'rust';
  return isElf(path) ? 'native' : null;
}

/** The runtime of a program of this name; null if the name does not say. */
export function runtimeNamed(name: string): Runtime | null {
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** How many children of a process run its own program: workers of a cluster or of a pre-fork server. */
export function countForks(pid: number): number {
  const executable = readExecutable(pid);
  if (executable === null) return 0;
  return listChildren(pid).filter((child) => readExecutable(child) === executable).length;
}

function isRustFile(path: string): boolean {
  try {
    return withElf(path, isRustProgram);
  } catch {
    return false;
  }
}

function isElf(path: string): boolean {
  try {
    return withElf(path, (read) => hasElfMagic(read(0n, 4)));
  } catch {
    return false;
  }
}
