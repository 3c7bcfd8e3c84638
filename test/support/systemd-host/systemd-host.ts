import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProgramResult, runProgram } from '../run-program.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const BOOT = path.join(import.meta.dirname, 'boot.sh');
const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
const MORE_NAMESPACES = ['--cgroup', '--uts', '--ipc', '--net'];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const COMMAND_LIMIT_MS = 120_000;
const BOOT_LIMIT_MS = 120_000;

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
  /** Settles with the first line of a unit's journal that matches; fails after 30 seconds. */
  journalLine(unit: string, pattern: RegExp): Promise<RegExpMatchArray>;
  /** A property of a unit, as `systemctl show` has it. */
  property(unit: string, name: string): Promise<string>;
};

/**
 * Boots it, in some two seconds. Needs root. At disposal all of it is gone: processes, mounts, cgroups.
 * @param shared directories that are the same inside; everything else that is written there stays in memory
 */
export async function systemdHost({
  shared = [],
}: {
  shared?: readonly string[];
} = {}): Promise<SystemdHost> {
  for (const directory of shared) {
    // systemd empties it when it boots, and it would be this machine's own.
    if (isAround(path.resolve(directory), tmpdir())) throw new Error(`${directory} must not be shared`);
  }
  const base = await temporaryDirectory('systemd');
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
  const host: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      // Nothing else may keep a test's process until all is removed.
      outer.ref();
      const first = childOf(outer.pid);
      if (first !== null) process.kill(first, 'SIGKILL');
      else outer.kill('SIGKILL');
      await ended;
      await removeCgroup(cgroup);
      await base[Symbol.asyncDispose]();
    },
  };
  const run = (command: string, ...args: string[]) =>
    inside(childOf(outer.pid), [command, ...args], COMMAND_LIMIT_MS);
  async function must(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(command, ...args);
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} failed: ${stderr}${stdout}`);
    return stdout;
  }
  const journal = (unit: string) => must('journalctl', '--no-pager', '-o', 'cat', '-u', unit);
  try {
    await untilBooted(outer.pid, ended, () => complaint);
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
      for (const [name, text] of Object.entries(files)) {
        await must('sh', '-c', 'printf %s "$2" >"/etc/systemd/system/$1"', 'sh', name, text);
      }
      await must('systemctl', 'daemon-reload');
    },
    journal,
    async journalLine(unit, pattern) {
      const deadline = performance.now() + COMMAND_LIMIT_MS;
      for (;;) {
        const text = await journal(unit);
        const match = text.match(pattern);
        if (match !== null) return match;
        if (performance.now() > deadline) throw new Error(`no line of ${unit} matches ${pattern}:\n${text}`);
        await delay(100);
      }
    },
    property: async (unit, name) => (await must('systemctl', 'show', '--value', '-p', name, unit)).trim(),
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

function inside(first: number | null, command: readonly string[], limitMs: number): Promise<ProgramResult> {
  if (first === null) throw new Error('the host has ended');
  const enter = [
    '-t',
    String(first),
    '--mount',
    '--pid',
    '--cgroup',
    '--uts',
    '--ipc',
    '--net',
    '--root',
    '--wd',
  ];
  const limit = ['timeout', '-k', '1', String(limitMs / 1000)];
  return runProgram('nsenter', [...enter, 'env', '-i', `PATH=${PATH}`, ...limit, ...command], {
    cwd: '/',
    deadlineMs: limitMs + 5_000,
  });
}

async function untilBooted(
  outer: number | undefined,
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
    const first = childOf(outer);
    if (first !== null && readFileSync(`/proc/${first}/comm`, 'utf8').trim() === 'systemd') {
      const { stdout } = await inside(first, ['systemctl', 'is-system-running', '--wait'], COMMAND_LIMIT_MS);
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
