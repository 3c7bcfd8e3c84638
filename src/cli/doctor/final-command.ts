import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Programs that run the command after their options; the pattern matches options that take a value. */
const STARTERS: ReadonlyMap<string, RegExp> = new Map([
  ['env', /^(?:-u|--unset|-C|--chdir)$/],
  ['exec', /^-a$/],
  ['nohup', /^$/],
  ['nice', /^-n$/],
  ['ionice', /^-[cn]$/],
  ['stdbuf', /^-[ioe]$/],
  ['tini', /^-[peg]$/],
  ['dumb-init', /^(?:-r|--rewrite)$/],
  ['npx', /^(?:-p|--package)$/],
  ['cross-env', /^$/],
  ['dotenv', /^(?:-e|-v)$/],
]);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const MANAGER = /^(?:npm|pnpm|yarn)$/;
const SHELL = /^(?:ba|da|a|k|z)?sh$/;
/** `npm start` of a script that runs `npm run serve`, and so on. */
const MAX_DEPTH = 8;

/** The command behind shells, wrappers and package scripts, as far as package.json and the arguments show it. */
export function finalCommand(command: readonly string[], cwd: string): readonly string[] {
  let words = command;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const next = below(words, cwd);
    if (next === null || next.length === 0) break;
    words = next;
  }
  return words;
}

function below([first = '', ...args]: readonly string[], cwd: string): readonly string[] | null {
  if (ASSIGNMENT.test(first)) return args;
  const name = basename(first);
  const takesValue = STARTERS.get(name);
  if (takesValue !== undefined) return afterOptions(args, takesValue);
  if (SHELL.test(name)) {
    const at = args.findIndex((arg) => /^-\w*c$/.test(arg));
    return at === -1 ? null : lastSimpleCommand(args[at + 1] ?? '');
  }
  return MANAGER.test(name) ? scriptOfManager(args, cwd) : null;
}

function afterOptions(args: readonly string[], takesValue: RegExp): readonly string[] {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') return args.slice(index + 1);
    if (takesValue.test(arg)) index++;
    else if (!arg.startsWith('-') && !ASSIGNMENT.test(arg)) return args.slice(index);
  }
  return [];
}

function scriptOfManager(args: readonly string[], cwd: string): readonly string[] | null {
  const [verb = '', ...rest] = args.filter((arg) => !/^(?:-s|--silent)$/.test(arg));
  if (verb === 'exec' || verb === 'x') return afterOptions(rest, /^$/);
  const name = /^run(?:-script)?$/.test(verb) ? (rest[0] ?? '') : verb;
  const scripts = packageScripts(cwd);
  const script = scripts === null || !Object.hasOwn(scripts, name) ? null : scripts[name];
  if (typeof script === 'string') return lastSimpleCommand(script);
  return verb === 'start' && scripts !== null ? ['node', 'server.js'] : null;
}

function packageScripts(cwd: string): Record<string, unknown> | null {
  for (let directory = cwd; ; directory = dirname(directory)) {
    try {
      const value = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
      return typeof value?.scripts === 'object' && value.scripts !== null ? value.scripts : {};
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return null;
    }
    if (directory === dirname(directory)) return null;
  }
}

/** `node build.js && exec node server.js | pino-pretty`: `exec node server.js`. Never to be run. */
function lastSimpleCommand(text: string): readonly string[] {
  const lists = text.split(/&&|\|\||;|\n/).map((list) => list.trim());
  const list = lists.findLast((one) => !/^(?:|true|:|exit\b.*|wait)$/.test(one)) ?? '';
  const [command = ''] = list.split(/(?<!\d>)[|&]/);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}
