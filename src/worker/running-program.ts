import { basename } from 'node:path';
import type { Runtime } from '../model/runtime.ts';
import { listChildren, readExecutable } from './process-info.ts';
import { unsuitableLanguage } from './unsuitable-runtime.ts';

const BY_NAME: readonly (readonly [RegExp, Runtime])[] = [
  [/^node(?:js)?[-\d.]*$/, 'node'],
  [/^bun(?:-profile)?$/, 'bun'],
  [/^deno$/, 'deno'],
  [/^(?:python|pypy)[-\d.]*$/, 'python'],
  [/^(?:ruby|jruby)[-\d.]*$/, 'ruby'],
  [/^perl[-\d.]*$/, 'perl'],
  [/^php(?:-fpm|-cgi)?[-\d.]*$/, 'php'],
  [/^dotnet$/, 'dotnet'],
  [/^java$/, 'java'],
];

/** What a process runs, by its executable; null if it cannot be read. */
export function readRuntime(pid: number): Runtime | null {
  const executable = readExecutable(pid);
  if (executable === null) return null;
  return runtimeNamed(basename(executable)) ?? unsuitableLanguage(pid) ?? 'native';
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
