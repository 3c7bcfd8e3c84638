import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProgramResult, runProgram, startProgram } from '../run-program.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { FollowedJournal } from './followed-journal.ts';

const BOOT = path.join(import.meta.dirname, 'boot.sh');
const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
const MORE_NAMESPACES = ['--cgroup', '--uts', '--ipc', '--net'];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Nothing of the environment of tests. */
const OF_HOST = {
  cwd: '/',
  env: { ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])), PATH },
};
const COMMAND_LIMIT_MS = 300_000;
const BOOT_LIMIT_MS = 300_000;
/** For a line of a journal. */
const LINE_LIMIT_MS = 300_000;
/** Ends with the host. */
const FOLLOW_LIMIT_MS = 2 ** 31 - 1;

/** A machine of its own in which systemd runs as process 1; this machine's file system, a network with lo alone. */
export type SystemdHost = AsyncDisposable & {
  /** Its cgroup has this name, and what it mounts is below a directory of this name. */
  readonly name: string;
  /** Runs a command inside, as root, to its end. */
  run(command: string, ...args: string[]): Promise<ProgramResult>;
  /** The same; fails where the command does. Returns standard output. */
  must(command: string, ...args: string[]): Promise<string>;
  /** Writes units into /etc/systemd/system and has systemd read them. */
  units(files: Readonly<Record<string, string>>): Promise<void>;
  /** What a unit wrote and what systemd said of it. */
  journal(unit: string): Promise<string>;
  /** Settles with the first line of a unit's journal that matches. */
  journalLine(unit: string, pattern: RegExp): Promise<RegExpMatchArray>;
  /** Settles with the first result that is not null, of a unit's journal as it grows. An error names `what`. */
  journalUntil<Found>(unit: string, what: string, find: (text: string) => Found | null): Promise<Found>;
  /** Settles once a shell command succeeds, which runs again and again; few processes, so that it can be short. */
  until(condition: string): Promise<void>;
  /** A property of a unit, as `systemctl show` has it. */
  property(unit: string, name: string): Promise<string>;
};

/**
 * Boots it, in some two seconds. Needs root. At disposal all of it is gone: processes, mounts, cgroups.
 * @param shared directories that are the same inside; everything else that is written there stays in memory
 */
export async function systemdHost({
  shared = [],
  disk,
}: {
  shared?: readonly string[];
  /** It boots from what the host before has left there. */
  disk?: HostDisk;
} = {}): Promise<SystemdHost> {
  for (const directory of shared) {
    // systemd empties it when it boots, and it would be this machine's own.
    if (isAround(path.resolve(directory), tmpdir())) throw new Error(`${directory} must not be shared`);
  }
  const base = disk ?? (await temporaryDirectory('systemd'));
  const cgroup = path.join(cgroupRoot(), path.basename(base.path));
  mkdirSync(cgroup);
  // Into its cgroup first: the root of a cgroup namespace is where the process is that makes it.
  const script = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"';
  const unshare = ['unshare', ...NAMESPACES, ...MORE_NAMESPACES, 'sh', BOOT, base.path, ...shared];
  // It ends with this process, however that ends.
  const outer = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', script, 'sh', cgroup, ...unshare], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  outer.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  const ended = once(outer, 'exit');
  outer.unref();
  (outer.stderr as unknown as { unref(): void }).unref();
  const followed = new Map<string, FollowedJournal>();
  const host: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      // Nothing else may keep a test's process until all is removed.
      outer.ref();
      for (const journal of followed.values()) await journal[Symbol.asyncDispose]();
      const first = childOf(outer.pid);
      if (first !== null) process.kill(first, 'SIGKILL');
      else outer.kill('SIGKILL');
      await ended;
      await removeCgroup(cgroup);
      if (disk === undefined) await base[Symbol.asyncDispose]();
    },
  };
  const run = async (command: string, ...args: string[]) => {
    const words = inside(childOf(outer.pid), [command, ...args]);
    return await runProgram('nsenter', words, { ...OF_HOST, deadlineMs: COMMAND_LIMIT_MS });
  };
  async function must(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(command, ...args);
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} failed: ${stderr}${stdout}`);
    return stdout;
  }
  const journal = (unit: string) => must('journalctl', '--no-pager', '-o', 'cat', '-u', unit);
  const journalUntil: SystemdHost['journalUntil'] = (unit, what, find) => {
    let journal = followed.get(unit);
    if (journal === undefined) {
      const args = ['--quiet', '--no-pager', '--follow', '--lines=all', '-o', 'cat', '-u', unit];
      const words = inside(childOf(outer.pid), ['journalctl', ...args]);
      const program = startProgram('nsenter', words, { ...OF_HOST, deadlineMs: FOLLOW_LIMIT_MS });
      journal = new FollowedJournal(program);
      followed.set(unit, journal);
    }
    return journal.until(`${what} in the journal of ${unit}`, find, LINE_LIMIT_MS);
  };
  try {
    await untilBooted(
      () => childOf(outer.pid),
      run,
      ended,
      () => complaint,
    );
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return {
    ...host,
    name: path.basename(base.path),
    run,
    must,
    async units(files) {
      const script =
        'while [ $# -gt 0 ]; do printf %s "$2" >"/etc/systemd/system/$1"; shift 2; done; systemctl daemon-reload';
      await must('sh', '-c', script, 'sh', ...Object.entries(files).flat());
    },
    journal,
    journalLine: (unit, pattern) => journalUntil(unit, `${pattern}`, (text) => text.match(pattern)),
    journalUntil,
    async until(condition) {
      await must('sh', '-c', `until ${condition}; do sleep 0.3; done`);
    },
    property: async (unit, name) => (await must('systemctl', 'show', '--value', '-p', name, unit)).trim(),
  };
}

/** What hosts write, from one boot to the next: their root directory and their logs. */
export type HostDisk = AsyncDisposable & { readonly path: string };

export async function hostDisk(): Promise<HostDisk> {
  const { path, ...directory } = await temporaryDirectory('systemd-disk');
  const must = async (...command: [string, ...string[]]) => {
    const { code, stderr } = await runProgram(command[0], command.slice(1), { ...OF_HOST });
    if (code !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
  };
  await must('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await must('umount', path);
      await directory[Symbol.asyncDispose]();
    },
  };
}

function isAround(directory: string, inner: string): boolean {
  return !path.relative(directory, inner).startsWith('..');
}

function cgroupRoot(): string {
  const found = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
  if (found === undefined) throw new Error('No cgroup2 file system is mounted.');
  return found;
}

/** The process that is 1 inside. */
function childOf(pid: number | undefined): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()) || null;
  } catch {
    return null;
  }
}

/** Arguments of nsenter. */
function inside(first: number | null, command: readonly string[]): string[] {
  if (first === null) throw new Error('the host has ended');
  const namespaces = ['--mount', '--pid', '--cgroup', '--uts', '--ipc', '--net', '--root', '--wd'];
  return ['-t', String(first), ...namespaces, ...command];
}

async function untilBooted(
  child: () => number | null,
  run: SystemdHost['run'],
  ended: Promise<unknown>,
  complaint: () => string,
): Promise<void> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const deadline = performance.now() + BOOT_LIMIT_MS;
  for (;;) {
    if (hasEnded) throw new Error(`the host did not boot: ${complaint()}`);
    const first = child();
    if (first !== null && readFileSync(`/proc/${first}/comm`, 'utf8').trim() === 'systemd') {
      const { stdout } = await run('systemctl', 'is-system-running', '--wait');
      if (/^(?:running|degraded)/.test(stdout)) return;
    }
    if (performance.now() > deadline) throw new Error(`the host did not boot in time: ${complaint()}`);
    await delay(50);
  }
}

/** From its leaves; one can be removed once its last process is gone, for which there is no event. */
async function removeCgroup(directory: string): Promise<void> {
  for (let attempt = 0; existsSync(directory) && attempt < 250; attempt++) {
    try {
      for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }).toReversed()) {
        if (entry.isDirectory()) rmdirSync(path.join(entry.parentPath, entry.name));
      }
      rmdirSync(directory);
    } catch {
      await delay(20);
    }
  }
}
