import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readCommandLine } from '../../worker/process-info.ts';

/** `run` of a process that is `crashmon run`; null if it is not crashmon. */
export function crashmonVerb(pid: number, args = readCommandLine(pid)): string | null {
  // Crashmon gives its process a title: one argument, and then nothing.
  if (args.slice(1).every((arg) => arg === '')) return /^crashmon (\w+)/.exec(args[0] ?? '')?.[1] ?? null;
  const isEntry = (arg: string, index: number) => index < 4 && /^crashmon(?:\.sh)?$/.test(basename(arg));
  const at = args.findIndex((arg, index) => isEntry(arg, index) || isOwnMain(pid, arg));
  return at < 0 ? null : (args[at + 1] ?? '');
}

/** What Node.js executes of crashmon, until the process has its title. An app can have a file of this name, too. */
function isOwnMain(pid: number, arg: string): boolean {
  return (
    arg.endsWith('/main.mjs') && existsSync(join(`/proc/${pid}/root`, dirname(arg), 'start/crashmon.sh'))
  );
}
