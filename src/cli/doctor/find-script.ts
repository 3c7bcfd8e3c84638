import { lstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { readRegularFile } from '../../symbols/regular-file.ts';

/** npm reads a package.json of any size; larger ones are not checked. */
const MAX_PACKAGE_BYTES = 4 * 1024 * 1024;

/** Node options that take a value, and options known to be flags. */
const TAKES_VALUE =
  /^(?:-r|-C|--require|--import|--(?:experimental-)?loader|--conditions|--env-file(?:-if-exists)?|--title)$/;
const TAKES_NONE = /^--(?:inspect|watch$|enable-|trace-|no-|expose-gc$|preserve-)/;
/** With these, Node runs no script. */
const NO_SCRIPT = /^(?:-|-[ep]|-pe|--(?:eval|print|test|run|version|help|interactive)(?:=.*)?)$/;

/** The script that `node …` would not find; null if it exists or is unknown. */
export function missingScript(args: readonly string[], cwd: string): string | null {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (NO_SCRIPT.test(arg)) return null;
    if (TAKES_VALUE.test(arg)) index++;
    else if (!arg.startsWith('-') && !(index === 0 && arg === 'inspect')) {
      if (canBeRun(arg, cwd)) return null;
      const before = args[index - 1] ?? '';
      const isValue = before.startsWith('-') && !before.includes('=') && !TAKES_NONE.test(before);
      if (!isValue || TAKES_VALUE.test(args[index - 2] ?? '')) return arg;
    }
  }
  return null;
}

/** The script that `node …` runs, null if unknown. */
export function scriptOf(args: readonly string[], cwd: string): string | null {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (NO_SCRIPT.test(arg)) return null;
    if (TAKES_VALUE.test(arg)) index++;
    else if (!arg.startsWith('-')) {
      const path = resolved(arg, cwd);
      if (path !== null) return path;
    }
  }
  return null;
}

/** As Node resolves its first argument: the file, with an extension added, or a directory's main file. */
function canBeRun(script: string, cwd: string): boolean {
  return script.startsWith('file:') || resolved(script, cwd) !== null;
}

function resolved(script: string, cwd: string): string | null {
  try {
    return createRequire(join(cwd, 'x')).resolve(resolve(cwd, script));
  } catch {
    return null;
  }
}

/** What `npm start`, `yarn start` or `npm run NAME` would not find; null if it exists or is unknown. */
export function missingPackageScript([verb = '', name = '']: readonly string[], cwd: string): string | null {
  const wanted = verb === 'start' ? 'start' : /^run(?:-script)?$/.test(verb) ? name : '';
  if (wanted === '' || wanted.startsWith('-')) return null;
  for (let directory = cwd; ; directory = dirname(directory)) {
    const scripts = scriptsIn(directory);
    if (scripts === 'unreadable') return null;
    if (scripts !== null) {
      const usual = wanted === 'start' && canBeRun('server.js', directory);
      return Object.hasOwn(scripts, wanted) || usual
        ? null
        : `script "${wanted}" in ${join(directory, 'package.json')}`;
    }
    if (directory === dirname(directory)) return `package.json in ${cwd}`;
  }
}

function scriptsIn(directory: string): object | 'unreadable' | null {
  const path = join(directory, 'package.json');
  // npm stops at any entry with this name, even one that is not a file.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const content = readRegularFile(path, MAX_PACKAGE_BYTES);
  if ('problem' in content) return 'unreadable';
  try {
    const value = JSON.parse(content.bytes.toString());
    return typeof value?.scripts === 'object' && value.scripts !== null ? value.scripts : {};
  } catch {
    return 'unreadable';
  }
}
