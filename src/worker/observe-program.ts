import { readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import type { ObservedProgram } from '../model/observed-program.ts';
import type { Runtime } from '../model/runtime.ts';
import { isWrapperScript } from '../probe/wrapper-script.cjs';
import { isStarter } from './main-process.ts';
import { withElf } from './open-elf.ts';
import { readCommandLine, readExecutable } from './process-info.ts';
import { runtimeOfFile } from './running-program.ts';

/** Class paths of JVMs are long; more is cut off. */
const MAX_ARGS_BYTES = 128 * 1024;
/** Of a script, in Linux. */
const MAX_FIRST_LINE = 255;

/** A JVM that starts is there for a moment, to delete what earlier ones left, and then in its working directory again. */
const JVM_CLEANS_UP = /\/hsperfdata_[^/]*$/;

/** What a process runs, as far as its last words are compared with it; null if it cannot be read, or not yet. */
export function observeProgram(pid: number, runtime: Runtime, nowMs: number): ObservedProgram | null {
  const executable = readExecutable(pid);
  const cwd = linkOf(`/proc/${pid}/cwd`);
  // Without its directory it is ending just now, and its arguments are gone.
  if (executable === null || cwd === null) return null;
  if (runtime === 'java' && JVM_CLEANS_UP.test(cwd)) return null;
  const args = readCommandLine(pid);
  // Within execve(2) the executable is the new one, and its arguments are not there yet.
  if (args.length === 0) return null;
  const ownPid = readOwnPid(pid);
  return {
    ...{ runtime, pid, executable, cwd, seenAtMs: nowMs },
    ...(ownPid === null ? {} : { ownPid }),
    executableId: fileId(`/proc/${pid}/exe`),
    args: bounded(args),
  };
}

/** Where a command is started; `path`: of its environment. */
export type CommandPlace = { cwd: string; path: string | undefined; startedAtMs: number };

/**
 * The same by the file that a command starts, or the interpreter in its first line, for a worker that was not seen; null
 * if that starts something else.
 */
export function programOfCommand(
  command: readonly string[],
  { cwd, path, startedAtMs }: CommandPlace,
): ObservedProgram | null {
  const file = findExecutable(command[0] ?? '', cwd, path ?? '');
  if (file === null || isStarter(basename(command[0] ?? ''))) return null;
  const interpreter = interpreterOf(file);
  if (interpreter !== null && isWrapperScript(file)) return null;
  const executable = interpreter === null ? file : findExecutable(interpreter, cwd, path ?? '');
  if (executable === null || isStarter(basename(executable))) return null;
  const runtime = runtimeOfFile(executable);
  if (runtime === null) return null;
  return {
    ...{ runtime, pid: null, executable, executableId: fileId(executable), cwd, seenAtMs: startedAtMs },
    args: bounded(command),
  };
}

/** The same as long as a path leads to the same, unchanged file; null if there is none. */
export function fileId(path: string): string | null {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return [dev, ino, size, mtimeMs].join(' ');
  } catch {
    return null;
  }
}

/** `#!/usr/bin/env python3`; null if it is no script */
function interpreterOf(file: string): string | null {
  try {
    const head = Buffer.from(withElf(file, (read) => read(0n, MAX_FIRST_LINE))).toString('latin1');
    return /^#![ \t]*(?:\S{0,200}\/env[ \t]+(?:-S[ \t]+)?)?(\S{1,200})/.exec(head)?.[1] ?? null;
  } catch {
    return null;
  }
}

function findExecutable(name: string, cwd: string, path: string): string | null {
  const places = name.includes('/') ? [''] : path.split(':').map((folder) => folder || '.');
  for (const place of places) {
    const file = place === '' ? name : join(place, name);
    try {
      const found = realpathSync(isAbsolute(file) ? file : resolve(cwd, file));
      if (statSync(found).isFile()) return found;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** null in our own pid namespace. */
function readOwnPid(pid: number): number | null {
  try {
    const [, number] = /^NSpid:(?:\t\d+)+\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return number === undefined ? null : Number(number);
  } catch {
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function bounded(args: readonly string[]): string[] {
  const kept: string[] = [];
  let left = MAX_ARGS_BYTES;
  for (const arg of args) {
    left -= arg.length + 1;
    if (left < 0) break;
    kept.push(arg);
  }
  return kept;
}
