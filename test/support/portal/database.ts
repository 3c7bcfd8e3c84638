import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../temporary-directory.ts';

const run = promisify(execFile);
const INSTALLED = '/usr/lib/postgresql';

export type TestDatabase = AsyncDisposable & {
  /** An empty database. */
  fresh(): Promise<string>;
  /** Ends it as a crash of the machine would, connections and all. */
  kill(): Promise<void>;
  start(): Promise<void>;
};

/** A PostgreSQL of the test's own, on a socket in a directory of its own; it waits for the disk as a real one does. */
export async function startPostgres(): Promise<TestDatabase> {
  const version = readdirSync(INSTALLED).toSorted((a, b) => Number(b) - Number(a))[0];
  if (version === undefined) throw new Error(`no PostgreSQL in ${INSTALLED}: see scripts/set-up.sh`);
  const program = (name: string) => path.join(INSTALLED, version, 'bin', name);
  const directory = await temporaryDirectory('pg');
  const sockets = path.join(directory.path, 's');
  const data = path.join(directory.path, 'd');
  mkdirSync(sockets);
  mkdirSync(data, { mode: 0o700 });
  // PostgreSQL refuses to run as root.
  const as: string[] = [];
  if (process.getuid?.() === 0) {
    execFileSync('chown', ['nobody', directory.path, sockets, data]);
    chmodSync(directory.path, 0o755);
    as.push('setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups');
  }
  const [first = '', ...rest] = [...as, program('initdb')];
  const options = ['-D', data, '-U', 'portal', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
  await run(first, [...rest, ...options], { cwd: directory.path });
  const [starter = '', ...before] = [...as, program('postgres')];
  const flags = ['-D', data, '-k', sockets, '-c', 'listen_addresses=', '-c', 'max_connections=60'];
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const started = spawn(starter, [...before, ...flags], {
      cwd: directory.path,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = started;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      started.stderr.on('data', (chunk) => {
        said += chunk;
        if (said.includes('database system is ready')) resolve();
      });
      started.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
    });
  };
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    if (server === null || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  await start();
  const psql = (sql: string) =>
    run(program('psql'), ['-h', sockets, '-U', 'portal', '-d', 'postgres', '-c', sql], {
      cwd: directory.path,
    });
  let made = 0;
  return {
    async fresh() {
      const name = `portal_${++made}`;
      await psql(`create database ${name}`);
      return `postgres://portal@${encodeURIComponent(sockets)}/${name}`;
    },
    kill: () => end('SIGQUIT'),
    start,
    async [Symbol.asyncDispose]() {
      await end('SIGINT');
      await directory[Symbol.asyncDispose]();
    },
  };
}
