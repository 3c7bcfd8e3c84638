import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readCommandLine, readProcessStat } from './process-info.ts';

/** Programs that only start another one: shells, package managers, first processes of containers, and the like. */
const WRAPPERS =
  /^(?:(?:ba|da|a|k|z)?sh|busybox|npm|npx|pnpm|yarn|corepack|tini|dumb-init|docker-init|catatonit|sudo|su|gosu|su-exec|setpriv|env|nice|timeout|nodemon|cross-env|env-cmd|dotenv|dotenvx|tsx|concurrently|forever)$/;

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

/** Does it only start another program, by its name? */
export function isWrapper(pid: number): boolean {
  const [program = '', script = ''] = readCommandLine(pid);
  // npm calls itself `npm start`, as one word.
  if (WRAPPERS.test(nameOf(program.split(' ')[0] ?? ''))) return true;
  return /^node/.test(basename(program)) && WRAPPERS.test(nameOf(script));
}

/** `/usr/lib/node_modules/npm/bin/npm-cli.js` is `npm`, the login shell `-bash` is `bash`. */
function nameOf(path: string): string {
  return basename(path)
    .replace(/^-/, '')
    .replace(/\.[cm]?js$/, '')
    .replace(/-cli$/, '');
}

/** Oldest first; zombies left out. */
function childrenOf(pid: number): number[] {
  const found: { pid: number; startTicks: number }[] = [];
  for (const child of listedChildren(pid) ?? scannedChildren(pid)) {
    const stat = readProcessStat(child);
    if (stat !== null && stat.ppid === pid && stat.state !== 'Z') found.push(stat);
  }
  return found.sort((one, other) => one.startTicks - other.startTicks).map((stat) => stat.pid);
}

/** Kernels without CONFIG_PROC_CHILDREN keep no list. */
function listedChildren(pid: number): number[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    // Children of the other threads are on their lists; a wrapper that is a Node forks from its first.
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return null;
  }
}

function scannedChildren(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => readProcessStat(other)?.ppid === pid);
}
