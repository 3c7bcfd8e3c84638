import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { CliContext } from './context.ts';
import { stateDirOf } from './options/state-dir-option.ts';
import { line } from './render/safe-text.ts';

/** A command line of crashmon's to be pasted as it stands: `hint('show', id)`. */
export type Hint = (...args: readonly string[]) => string;

/** What every hint begins and ends with. */
export type HintParts = { command: string; given: readonly string[] };

/**
 * Hints name crashmon as it was called, and the state directory where it was given by option: where it came by
 * environment, or by default, it will again.
 */
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
 * `./crashmon` where it was called so, `crashmon` where PATH leads to it. `./crashmon` (the launcher) tells how in
 * CRASHMON_COMMAND, for a script cannot see it; npm's link is found by PATH.
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

/** null where nothing but the option says where. */
function usual(context: CliContext): string | null {
  try {
    return stateDirOf(undefined, context);
  } catch {
    return null;
  }
}

/** A terminal shall only show it, and a shell read it as one word. */
function shellWord(word: string): string {
  const shown = line(word);
  // A placeholder such as <id> is for people, who will not paste it.
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
