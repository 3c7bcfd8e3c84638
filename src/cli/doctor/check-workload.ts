import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { type Check, failure, ok, warning } from './check.ts';
import { checkUwsgi } from './check-uwsgi.ts';
import { scriptOf } from './find-script.ts';

/** Their master process restarts workers and keeps running. */
const MASTERS = /^(?:gunicorn\d*|unicorn\w*|php-fpm[\d.]*|nginx|apache2|httpd|celery)$/;
/** The same, but crashmon does not know their workers. */
const UNKNOWN_MASTERS = /^(?:passenger|PassengerAgent)$/;
const PROCESS_MANAGERS = /^(?:pm2|pm2-runtime|pm2-docker|forever)$/;
/** After a crash they wait for a file to change. */
const WATCHERS = /^(?:nodemon|node-dev|ts-node-dev|tsnd|supervisor)$/;
const LOADERS =
  /^(?:tsx|esno|jiti|sucrase|ts-node(?:-esm|-script|-transpile-only)?|babel-node|swc-node|(?:tsx|ts-node|jiti|sucrase|esbuild-register|@swc-node\/register|@swc\/register|@babel\/register|@esbuild-kit\/[\w-]+|source-map-support)(?:\/.*)?)$/;
const IMPORTS = /^(?:-r|--require|--import|--(?:experimental-)?loader)$/;
const CLUSTER = /(?:require\(|from\s*|import\(?\s*)['"](?:node:)?cluster['"]/;
const CHILD_PROCESS = /(?:require\(|from\s*|import\(?\s*)['"](?:node:)?child_process['"]/;
const FORK =
  /\b(?:fork|spawn)\((?:__filename|process\.(?:execPath|argv)|['"`]?\S*\.[cm]?[jt]s\b|['"]node['"])/;
const NEXT = /\bnext\/dist\/server\//;
const MAX_SCRIPT_BYTES = 256 * 1024;

/**
 * Finds what hides crashes from crashmon or changes their stacks. Reads the main script, runs nothing.
 * @param words the final command
 */
export function checkWorkload(words: readonly string[], cwd: string): Check[] {
  const [first = '', ...args] = words;
  const name = basename(first).replace(/\.[cm]?js$/, '');
  const isNode = /^node(?:js)?\d*$/.test(name);
  const script = isNode || LOADERS.test(name) ? scriptOf(args, cwd) : null;
  const text = script === null ? '' : readScript(script);
  return [
    ...checkMaster(name, args),
    ...checkUwsgi(name, args, cwd),
    ...checkWatcher(name, args, isNode),
    ...checkForks(script, text),
    ...checkLoader(name, args, isNode),
    ...checkNext(name, args, text),
  ];
}

function checkMaster(name: string, args: readonly string[]): Check[] {
  if (PROCESS_MANAGERS.test(name)) {
    const advice = 'Let it start crashmon instead: docs/operations.md has the command for PM2.';
    return [failure('forks', `${name} restarts the app itself: crashmon does not see its crashes.`, advice)];
  }
  if (UNKNOWN_MASTERS.test(name)) {
    const message = `${name} has a master process that restarts its workers: crashmon does not see their crashes.`;
    return [failure('forks', message, ONLY_MASTER)];
  }
  const line = args.join(' ');
  const isCluster =
    (name === 'puma' && /(?:^|\s)(?:-w|--workers)[ =]?[1-9]/.test(line)) ||
    (name === 'uvicorn' && /--workers[ =]([2-9]|1\d)/.test(line));
  if ((!MASTERS.test(name) && !isCluster) || /master_process\s+off/.test(line)) return [];
  const message = `${name} has a master process: crashmon watches its workers and counts their crashes.`;
  return [warning('forks', message, ONLY_SIGNALS), WORKER_WORDS];
}

/** Checks that are about processes below the main one. */
export const OF_WORKERS = new Set(['forks', 'worker-words', 'worker-exceptions']);

export const WORKER_WORDS = ok('worker-words', 'crashmon reads what the workers print last.');
export function workerExceptions(isRead: boolean): Check {
  const words = isRead ? ', and reads what they print last' : '';
  return ok('worker-exceptions', `crashmon captures exceptions of the workers without a restart${words}.`);
}

const ONLY_SIGNALS = 'Of the workers, only fatal signals can be captured, of at most five at a time.';
const ONLY_MASTER = 'Only a crash of the master itself can be captured.';

function checkWatcher(name: string, args: readonly string[], isNode: boolean): Check[] {
  const watches =
    (WATCHERS.test(name) && !args.includes('--exitcrash')) ||
    (name === 'tsx' && args[0] === 'watch') ||
    (isNode && args.some((arg) => /^--watch(?:-path(?:=.*)?)?$/.test(arg)));
  if (!watches) return [];
  const advice =
    name === 'nodemon'
      ? 'Use nodemon --exitcrash, or start the app without nodemon: crashmon restarts it.'
      : 'Start the app without it: crashmon restarts the app.';
  return [
    failure(
      'hides-crashes',
      `After a crash, ${isNode ? 'node --watch' : name} waits until a file changes: crashmon sees no exit.`,
      advice,
    ),
  ];
}

function checkForks(script: string | null, text: string): Check[] {
  if (script === null) return [];
  const how = CLUSTER.test(text)
    ? 'node:cluster'
    : CHILD_PROCESS.test(text) && FORK.test(text)
      ? 'child_process'
      : null;
  if (how === null) return [];
  const message =
    how === 'node:cluster'
      ? `${basename(script)} uses node:cluster: crashmon watches its workers, counts their crashes and captures them.`
      : `${basename(script)} uses child_process: crashmon does not see crashes of the processes that it starts.`;
  const advice =
    how === 'node:cluster'
      ? 'Exceptions or fatal signals, whichever the newest crash of a worker was.'
      : 'Name them with --children, or run one of them under its own crashmon.';
  return [warning('forks', message, advice), ...(how === 'node:cluster' ? [workerExceptions(true)] : [])];
}

function checkLoader(name: string, args: readonly string[], isNode: boolean): Check[] {
  const imported = args.find((arg, index) => LOADERS.test(arg) && IMPORTS.test(args[index - 1] ?? ''));
  const inOne = args.map((arg) => /^--(?:require|import|loader)=(.*)$/.exec(arg)?.[1]).find(isLoader);
  const loader = LOADERS.test(name) ? name : isNode ? (imported ?? inOne) : undefined;
  if (loader === undefined || /^source-map-support/.test(loader)) return [];
  const message = `${loader} compiles the sources in memory.`;
  const advice =
    'Call stacks have line numbers only where they are verified. Compile to files with source maps to get all of them.';
  return [warning('loader', message, advice)];
}

function isLoader(name: string | undefined): boolean {
  return name !== undefined && LOADERS.test(name);
}

function checkNext(name: string, args: readonly string[], text: string): Check[] {
  if (!NEXT.test(text) && !(name === 'next' && args[0] === 'start')) return [];
  const message =
    'Next.js catches exceptions in requests and responds with status 500: crashmon does not see them.';
  const advice =
    'Report them with onRequestError in instrumentation.js (Next.js 15); crashmon captures what ends the process.';
  return [warning('request-errors', message, advice)];
}

/** Only its beginning. */
function readScript(path: string): string {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const bytes = Buffer.alloc(MAX_SCRIPT_BYTES);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return '';
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
