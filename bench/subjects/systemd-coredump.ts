import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEMD_COREDUMP } from '../../test/support/systemd-host/system-cores.ts';
import { startProcess } from '../processes/started-process.ts';

const KERNEL = '/proc/sys/kernel';
const SOCKET = '/run/systemd/coredump';
const STORE = '/var/lib/systemd/coredump';
/** How Debian's package has the kernel call it. */
const ARGUMENTS = '%P %u %g %s %t 9223372036854775808 %h';
const PIPE_LIMIT = '16';
/** It compresses a core of gigabytes, then reads its stacks. */
const DONE_MS = 120_000;

export type SystemdCoredump = AsyncDisposable & {
  /** Until `end`, the kernel gives it every core dump of the machine. */
  begin(): void;
  end(): void;
  /** Waits until it has stored the core of that process, deletes that, and returns its size in bytes. */
  stored(pid: number): Promise<number>;
};

/**
 * systemd-coredump, unpacked and not installed, behind its own socket as its units have it, with its defaults. It is not run where
 * the machine has it for itself.
 */
export async function systemdCoredump(directory: string): Promise<SystemdCoredump | { cannotRun: string }> {
  if (process.getuid?.() !== 0) return { cannotRun: 'only root may change core_pattern' };
  if (!existsSync(SYSTEMD_COREDUMP)) return { cannotRun: 'systemd-coredump is not unpacked' };
  if (existsSync(SOCKET)) return { cannotRun: 'this machine has its own systemd-coredump' };
  const made = [dirname(SOCKET), STORE].map((folder) => mkdirSync(folder, { recursive: true }));
  const others = new Set(readdirSync(STORE));
  // core_pattern has at most 128 bytes.
  const handler = join(directory, 'cd');
  symlinkSync(SYSTEMD_COREDUMP, handler);
  const files = ['core_pattern', 'core_pipe_limit'].map((name) => join(KERNEL, name));
  const before = files.map((file) => readFileSync(file, 'utf8').trim());
  const set = (values: readonly string[]): void => {
    for (const [index, file] of files.entries()) writeFileSync(file, values[index] ?? '');
  };
  const end = (): void => set(before);
  const cleanUp = (): void => {
    end();
    rmSync(SOCKET, { force: true });
    for (const name of newCores(others)) rmSync(join(STORE, name), { force: true });
    for (const folder of made) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', cleanUp);
  const listen = ['systemd-socket-activate', '--seqpacket', '--accept', '--listen', SOCKET, handler];
  const server = startProcess(listen, { deadlineMs: 3_600_000 });
  while (!existsSync(SOCKET)) await delay(20);
  return {
    begin: () => set([`|${handler} ${ARGUMENTS}`, PIPE_LIMIT]),
    end,
    async stored(pid) {
      const children = `/proc/${server.pid}/task/${server.pid}/children`;
      const coreOf = () => newCores(others).find((name) => name.split('.').includes(String(pid)));
      for (const late = Date.now() + DONE_MS; ; await delay(50)) {
        const core = coreOf();
        if (core !== undefined && readFileSync(children, 'utf8') === '') {
          const { size } = statSync(join(STORE, core));
          rmSync(join(STORE, core));
          return size;
        }
        if (Date.now() > late) throw new Error('systemd-coredump stored no core');
      }
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      process.off('exit', cleanUp);
      cleanUp();
    },
  };
}

function newCores(others: ReadonlySet<string>): string[] {
  return readdirSync(STORE).filter((name) => name.startsWith('core.') && !others.has(name));
}
