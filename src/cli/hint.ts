import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { CliContext } from './context.ts';
import { stateDirOf } from './options/state-dir-option.ts';
import { line } from './render/safe-text.ts';

/** A crashmon command line to paste: `hint('show', id)`. */
export type Hint = (...args: readonly string[]) => string;

/** The command and the options that every hint contains. */
export type HintParts = { command: string; given: readonly string[] };

/** Hints name crashmon as it was called, and the state directory if an option set it. */
export function hintFor(options: { stateDir?: string | undefined }, context: CliContext): Hint {
  return hintOf(hintParts(options, context));
}

export function hintParts({ stateDir }: { stateDir?: string | undefined }, context: CliContext): HintParts {
  const isUsual = stateDir === undefined || stateDirOf(stateDir, context) === usual(context);
  return { command: context.command, given: isUsual ? [] : ['--state-dir', stateDirOf(stateDir, context)] };
}

export function hintOf({ command, given }: HintParts): Hint {
  return (...args) => {
    const end = args.indexOf('--');
    const [own, workers] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
    return [command, ...own, ...given, ...workers].map(shellWord).join(' ');
  };
}

/**
 * `crashmon` if PATH leads to it, else the path that it was called by. The entry of a checkout sets CRASHMON_COMMAND,
 * because this process cannot see it; npm's link is on PATH.
 */
export function calledAs(env: CliContext['env']): string {
  const called = env.CRASHMON_COMMAND || 'crashmon';
  const name = basename(called);
  for (const directory of called.includes('/') ? (env.PATH ?? '').split(delimiter) : []) {
    const found = join(directory, name);
    if (directory !== '' && isExecutable(found)) return found === called ? name : called;
  }
  return called;
}

/** null if only the option sets it. */
function usual(context: CliContext): string | null {
  try {
    return stateDirOf(undefined, context);
  } catch {
    return null;
  }
}

/** Safe to print, and one word for a shell. */
function shellWord(word: string): string {
  const shown = line(word);
  // A placeholder such as <id> is not quoted.
  return /^(?:[\w@%+:,./-][\w@%+=:,./~-]*|<\w+>)$/.test(shown)
    ? shown
    : `'${shown.replaceAll("'", "'\\''")}'`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
