import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { hasEnded } from '../formats/procfs/process-stat.ts';
import { isWrapperScript } from '../probe/wrapper-script.cjs';
import { listProcesses, readCommandLine, readExecutable, readProcessStat } from './process-info.ts';

/** Programs that only start another one: shells, first processes of containers, and the like. */
const STARTERS =
  /^(?:(?:ba|da|a|k|mk|z|rba)?sh|tini|dumb-init|docker-init|catatonit|sudo|doas|su|runuser|gosu|su-exec|setpriv|setsid|env|nice|nohup|timeout|flock|unshare|uvx?)(?:-static)?$/;

/** Programs that are many, by the name they are called by. */
const MULTI_CALL = /^(?:busybox|coreutils|toybox)/;

/** Wrappers that write over their command line, so that their script cannot be seen any more. */
const TITLES = /^(?:npm(?: |$)|PM2 v\d)/;

/** Options of Node's that are followed by a value. */
const TAKES_VALUE = /^(?:-r|-C|--require|--import|--(?:experimental-)?loader|--conditions|--title)$/;

/** Wrappers within wrappers: npm, its shell, cross-env, its shell, tsx … */
const MAX_DEPTH = 16;

/**
 * The process that does the work: the worker itself, or what runs below the wrappers it was started with
 * (`npm start`, `sh -c …`). Where a wrapper has several children, the oldest.
 */
export function findMainProcess(pid: number): number {
  let current = pid;
  for (let depth = 0; depth < MAX_DEPTH && isWrapper(current); depth++) {
    const child = childrenOf(current)[0];
    if (child === undefined) break;
    current = child;
  }
  return current;
}

/** The same, null while there are only wrappers: the process that they start is not there yet. */
export function findWorkingProcess(pid: number): number | null {
  const found = findMainProcess(pid);
  return isWrapper(found) ? null : found;
}

/** Does a program of this name only start another one? */
export function isStarter(name: string): boolean {
  return STARTERS.test(name) || MULTI_CALL.test(name);
}

/** Does it only start another program? By the program itself, a script by the package it is installed in. */
export function isWrapper(pid: number): boolean {
  const [called = '', ...rest] = readCommandLine(pid);
  const program = programOf(pid, called);
  if (MULTI_CALL.test(program)) {
    return STARTERS.test(nameOf(called)) || (MULTI_CALL.test(nameOf(called)) && STARTERS.test(rest[0] ?? ''));
  }
  if (STARTERS.test(program)) return true;
  if (!/^node/.test(program)) return false;
  if (TITLES.test(called)) return true;
  const script = scriptOf(rest);
  return script !== null && isWrapperScript(realPathOf(pid, script));
}

/** Of one that runs as another user only the name it was called by can be read. */
function programOf(pid: number, called: string): string {
  const executable = readExecutable(pid);
  return executable === null ? nameOf(called) : basename(executable);
}

/** The login shell `-bash` is `bash`. */
function nameOf(path: string): string {
  return basename(path).replace(/^-/, '');
}

function scriptOf(args: readonly string[]): string | null {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (TAKES_VALUE.test(arg)) index++;
    else if (!arg.startsWith('-')) return arg;
  }
  return null;
}

function realPathOf(pid: number, script: string): string {
  try {
    return realpathSync(isAbsolute(script) ? script : resolve(readlinkSync(`/proc/${pid}/cwd`), script));
  } catch {
    return script;
  }
}

/** Oldest first; without those that have ended. */
function childrenOf(pid: number): number[] {
  const found: { pid: number; startTicks: number }[] = [];
  for (const child of listedChildren(pid) ?? scannedChildren(pid)) {
    const stat = readProcessStat(child);
    if (stat !== null && stat.ppid === pid && !hasEnded(stat)) found.push(stat);
  }
  return found.sort((one, other) => one.startTicks - other.startTicks).map((stat) => stat.pid);
}

/** Kernels without CONFIG_PROC_CHILDREN keep no list. */
function listedChildren(pid: number): number[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    // Children of the other threads are on their lists; a wrapper that is a Node forks from its first.
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return null;
  }
}

function scannedChildren(pid: number): number[] {
  return listProcesses().filter((other) => readProcessStat(other)?.ppid === pid);
}
