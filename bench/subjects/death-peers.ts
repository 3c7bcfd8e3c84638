import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from '../processes/channel.ts';
import { startProcess } from '../processes/started-process.ts';
import type { Workspace } from '../processes/workspace.ts';
import { benchProgram, underCrashmon } from './crashmon-command.ts';
import { PEERS } from './installed-peers.ts';
import { kernelCores } from './kernel-core.ts';
import { startPm2 } from './pm2-daemon.ts';
import { sentrySink } from './sentry-sink.ts';
import { systemdCoredump } from './systemd-coredump.ts';

/** What waits for the death of a worker that it runs. */
export type DeathPeer = AsyncDisposable & {
  /** Before a death: makes ready what is not there all the time. */
  ready?(pid: number): Promise<void>;
  /** After a death: throws if it does not have what it is for, and deletes that. */
  check?(megabytes: number): Promise<void>;
};

type Place = { workspace: Workspace; env: Record<string, string>; stack: AsyncDisposableStack };

const WORKER = 'mortal.cjs';
/** A core is only there if the exception ends the process where it is thrown. */
const ABORTS = '--abort-on-uncaught-exception';
const DONE_MS = 120_000;

export const PEER_NAMES = [
  'bare',
  'control',
  'crashmon',
  'PM2',
  "Sentry's SDK",
  'gdb -p',
  'kernel core',
  'systemd-coredump',
] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** Starts a worker of that name, which connects to the channel, as one peer has it. */
export async function startPeer(
  name: PeerName,
  { workspace, channel }: { workspace: Workspace; channel: Channel },
): Promise<DeathPeer | { cannotRun: string }> {
  await using stack = new AsyncDisposableStack();
  const env = { ...channel.environmentFor(name), CRASHMON_STATE_DIR: workspace.stateDir };
  const peer = await STARTS[name]({ workspace, env, stack });
  if ('cannotRun' in peer) return peer;
  const started = stack.move();
  return { ...peer, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

type Parts = Pick<DeathPeer, 'ready' | 'check'> | { cannotRun: string };

const STARTS: Record<PeerName, (place: Place) => Promise<Parts>> = {
  bare,
  control: bare,
  crashmon,
  PM2: pm2,
  "Sentry's SDK": sentry,
  'gdb -p': gdb,
  'kernel core': kernelCore,
  'systemd-coredump': throughSystemd,
};

async function bare(place: Place): Promise<Parts> {
  start(place, supervised());
  return {};
}

async function crashmon(place: Place): Promise<Parts> {
  const [node = '', main = '', verb = '', ...rest] = underCrashmon('armed', 'worker', benchProgram(WORKER));
  const command = [node, main, verb, '--json', ...rest.filter((option) => option !== '--quiet')];
  const log = start(place, command);
  let deaths = 0;
  const events = (pattern: RegExp) => readFileSync(log, 'utf8').match(pattern)?.length ?? 0;
  return {
    ready: () => until('the debugger', () => events(/"event":"debugger","state":"attached"/g) > deaths),
    check() {
      deaths++;
      return until('the report', () => events(/"event":"report".*"hasStack":true/g) >= deaths);
    },
  };
}

async function pm2({ workspace, env, stack }: Place): Promise<Parts> {
  const [, file = ''] = benchProgram(WORKER);
  stack.use(await startPm2(join(workspace.path, 'pm2'), file, env));
  return {};
}

async function sentry(place: Place): Promise<Parts> {
  const sink = place.stack.use(await sentrySink());
  const env = { ...place.env, BENCH_SENTRY_DSN: sink.dsn };
  start({ ...place, env }, supervised('--require', join(PEERS, 'sentry.cjs')));
  let deaths = 0;
  return { check: () => until('the exception', () => sink.exceptions() > deaths).then(() => void deaths++) };
}

/** As a person would do it: attached in time, a stack of all threads, and a core. */
async function gdb(place: Place): Promise<Parts> {
  start(place, supervised(ABORTS));
  const core = join(place.workspace.path, 'gcore');
  const script = ['echo attached\\n', 'continue', 'thread apply all backtrace', `generate-core-file ${core}`];
  let said: Promise<string> = Promise.resolve('');
  return {
    async ready(pid) {
      const commands = [...script, 'continue'].flatMap((one) => ['-ex', one]);
      const debugger_ = startProcess(['gdb', '--batch', '-nx', '-p', String(pid), ...commands], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const attached = Promise.withResolvers<void>();
      const lines: string[] = [];
      if (debugger_.child.stdout === null) throw new Error('gdb has no output');
      createInterface(debugger_.child.stdout).on('line', (line) => {
        lines.push(line);
        if (line === 'attached') attached.resolve();
      });
      said = debugger_.exited.then(() => lines.join('\n'));
      await Promise.race([attached.promise, debugger_.exited]);
    },
    async check(megabytes) {
      if (!/^#1 /m.test(await said)) throw new Error('gdb has no stack');
      checkCore(core, megabytes);
    },
  };
}

async function kernelCore(place: Place): Promise<Parts> {
  const directory = join(place.workspace.path, 'kernel');
  await mkdir(directory);
  const cores = kernelCores(directory);
  if ('cannotRun' in cores) return cores;
  place.stack.use(cores);
  start(place, dumping(), directory);
  return {
    async check(megabytes) {
      const [name = ''] = readdirSync(directory).filter((file) => file.startsWith('core'));
      checkCore(join(directory, name), megabytes);
    },
  };
}

async function throughSystemd(place: Place): Promise<Parts> {
  const systemd = await systemdCoredump(place.workspace.path);
  if ('cannotRun' in systemd) return systemd;
  place.stack.use(systemd);
  start(place, dumping());
  let died = 0;
  return {
    async ready(pid) {
      died = pid;
      systemd.begin();
    },
    async check(megabytes) {
      systemd.end();
      // Half of the worker's memory can be compressed.
      if ((await systemd.stored(died)) < (megabytes / 2) * 1e6)
        throw new Error('systemd-coredump has no whole core');
    },
  };
}

function supervised(...nodeOptions: string[]): string[] {
  const [node = '', ...worker] = benchProgram(WORKER);
  return benchProgram('supervisor.cjs', node, ...nodeOptions, ...worker);
}

function dumping(): string[] {
  return ['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh', ...supervised(ABORTS)];
}

/** @returns the file of its output */
function start({ workspace, env, stack }: Place, command: readonly string[], cwd = workspace.path): string {
  const log = join(workspace.path, `${env.BENCH_NAME}.log`);
  const output = openSync(log, 'a', 0o600);
  stack.use(startProcess(command, { env, cwd, stdio: ['ignore', output, output], deadlineMs: 3_600_000 }));
  closeSync(output);
  return log;
}

function checkCore(file: string, megabytes: number): void {
  if (statSync(file).size < megabytes * 1e6) throw new Error(`${file} is not whole`);
  rmSync(file);
}

async function until(what: string, isThere: () => boolean): Promise<void> {
  for (const late = Date.now() + DONE_MS; !isThere(); await delay(20))
    if (Date.now() > late) throw new Error(`${what} did not come`);
}
