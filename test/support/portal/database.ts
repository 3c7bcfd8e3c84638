import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../temporary-directory.ts';
import { makeDataDirectory } from './postgres-data.ts';

const run = promisify(execFile);
const INSTALLED = '/usr/lib/postgresql';

export type TestDatabase = Server & {
  /** An empty database. */
  fresh(): Promise<string>;
};

export type Standby = Server & {
  /** Makes it a server of its own, which can be written. */
  promote(): Promise<void>;
};

type Server = AsyncDisposable & {
  /** The directory with its socket. */
  sockets: string;
  /** Its data directory. */
  data: string;
  /** What it has logged. */
  log(): string;
  /** Ends it as a crash of the machine would, connections and all. */
  kill(): Promise<void>;
  start(): Promise<void>;
};

type Program = (name: string) => string;
/** Fills the data directory, by programs that are run as the user of `as`. */
type Fill = (program: Program, as: readonly string[], data: string) => Promise<void>;

/** A PostgreSQL of the test's own, on a socket in a directory of its own; it waits for the disk as a real one does. */
export async function startPostgres(): Promise<TestDatabase> {
  const { psql, ...server } = await startServer((program, as, data) =>
    makeDataDirectory(program('initdb'), as, data),
  );
  let made = 0;
  return {
    ...server,
    async fresh() {
      const name = `portal_${++made}`;
      // Half the processor time of the strategy by default, which logs every page.
      await psql(`create database ${name} strategy file_copy`);
      return `postgres://portal@${encodeURIComponent(server.sockets)}/${name}`;
    },
  };
}

/** A copy of another server, which follows it as long as that runs. */
export async function startStandby(primary: Server): Promise<Standby> {
  const { psql, ...server } = await startServer(async (program, as, data) => {
    const [first = '', ...rest] = [...as, program('pg_basebackup'), '-h', primary.sockets, '-U', 'portal'];
    await run(first, [...rest, '-D', data, '--write-recovery-conf', '--checkpoint=fast', '--no-sync'], {
      cwd: path.dirname(data),
    });
  });
  return {
    ...server,
    async promote() {
      await psql('select pg_promote()');
    },
  };
}

async function startServer(fill: Fill): Promise<Server & { psql: (sql: string) => Promise<unknown> }> {
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
  await fill(program, as, data);
  const [starter = '', ...before] = [...as, program('postgres')];
  const flags = ['-D', data, '-k', sockets, '-c', 'listen_addresses=', '-c', 'max_connections=60'];
  let server: ChildProcess | null = null;
  let logged = '';
  const start = async (): Promise<void> => {
    const started = spawn(starter, [...before, ...flags], {
      cwd: directory.path,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = started;
    await new Promise<void>((resolve, reject) => {
      const before = logged.length;
      started.stderr.on('data', (chunk) => {
        logged += chunk;
        if (logged.indexOf('database system is ready', before) !== -1) resolve();
      });
      started.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${logged.slice(before)}`)));
    });
  };
  const kill = async (): Promise<void> => {
    if (server === null || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
  };
  await start();
  const psql = (sql: string) =>
    run(program('psql'), ['-h', sockets, '-U', 'portal', '-d', 'postgres', '-c', sql], {
      cwd: directory.path,
    });
  return {
    sockets,
    data,
    log: () => logged,
    psql,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      // Its data is deleted: what an orderly end writes costs more than a test.
      await kill();
      await directory[Symbol.asyncDispose]();
    },
  };
}
