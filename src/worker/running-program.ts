import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Runtime } from '../model/runtime.ts';
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

/** What a process runs, by its executable; null where it cannot be read. */
export function readRuntime(pid: number): Runtime | null {
  const executable = executableOf(pid);
  if (executable === null) return null;
  return runtimeNamed(basename(executable)) ?? unsuitableLanguage(pid) ?? 'native';
}

/** The runtime of a program of this name; null where the name does not say. */
export function runtimeNamed(name: string): Runtime | null {
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** How many children of a process run its own program: workers of a cluster or of a pre-fork server. */
export function countForks(pid: number): number {
  const executable = executableOf(pid);
  if (executable === null) return 0;
  return childrenOf(pid).filter((child) => executableOf(child) === executable).length;
}

function executableOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
