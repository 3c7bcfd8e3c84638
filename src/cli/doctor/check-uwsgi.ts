import { resolve } from 'node:path';
import { readRegularHead } from '../../symbols/regular-file.ts';
import { type Check, failure, warning } from './check.ts';

/** Also as Debian names its builds: `uwsgi-core`, `uwsgi_python311`. */
const UWSGI = /^uwsgi(?:-core|_[a-z]+\d*)?$/;
const MASTER_FLAG = /^(?:-M|--master|--emperor(?:=.*)?)$/;
const MASTER_LINE = /^[ \t]*(?:master[ \t]*=[ \t]*(?:true|1|yes|on)|emperor[ \t]*=)/im;
const MAX_BYTES = 64 * 1024;
const MAX_FILES = 5;

/** What uWSGI hides from crashmon, with a master process and without one. Reads INI files that the command names. */
export function checkUwsgi(name: string, args: readonly string[], cwd: string): Check[] {
  if (!UWSGI.test(name)) return [];
  if (args.some((arg) => MASTER_FLAG.test(arg)) || iniFiles(args).some((file) => hasMaster(file, cwd))) {
    const message = `${name} has a master process that restarts its workers: crashmon does not see their crashes.`;
    return [failure('forks', message, 'Start it without a master: crashmon restarts it.')];
  }
  const message = `${name} catches the exceptions of requests and fatal signals: crashmon sees only that it exits.`;
  const advice = 'Its own output says why. Add --die-on-term, so that it ends on SIGTERM.';
  return [warning('request-errors', message, advice)];
}

function iniFiles(args: readonly string[]): string[] {
  const named = args.flatMap((arg, index) => {
    if (arg.startsWith('--ini=')) return [arg.slice('--ini='.length)];
    return args[index - 1] === '--ini' || arg.endsWith('.ini') ? [arg] : [];
  });
  return [...new Set(named)].slice(0, MAX_FILES);
}

function hasMaster(file: string, cwd: string): boolean {
  return MASTER_LINE.test(readRegularHead(resolve(cwd, file), MAX_BYTES)?.toString('utf8') ?? '');
}
