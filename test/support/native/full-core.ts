import { execFile } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ReadBytes } from '../../../src/formats/elf/memory-reader.ts';

/** All of memory, also what is on disk: the file can be another one later. */
const EVERYTHING = '0x7f';

/**
 * Runs a program until it dies and returns its whole core, in `directory`, which the program also runs in. The kernel
 * writes it where `core_pattern` leaves it beside the program, else gdb; neither changes anything but this process.
 */
export async function fullCore(command: readonly string[], directory: string): Promise<string> {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  const byKernel = /^core[^/|]*$/.test(pattern);
  const limit = byKernel ? 'unlimited' : '0';
  const script = `echo ${EVERYTHING} > /proc/self/coredump_filter; ulimit -c ${limit}; exec "$@"`;
  const debug = ['-ex', 'handle SIGUSR1 nostop', '-ex', 'run', '-ex', 'generate-core-file core', '--args'];
  const args = byKernel ? command : ['gdb', '-nx', '-batch', ...debug, ...command];
  const run = promisify(execFile)('sh', ['-c', script, 'sh', ...args], { cwd: directory, timeout: 60_000 });
  const { stdout, stderr } = await run.catch((death: { stdout: string; stderr: string }) => death);
  const core = (await readdir(directory)).find((name) => name.startsWith('core'));
  if (core === undefined) throw new Error(`no core of ${command.join(' ')}:\n${stdout}${stderr}`);
  return path.join(directory, core);
}

export type OpenCore = Disposable & { read: ReadBytes; sizeBytes: number };

/** A core is too big to be read into memory; sparse parts cost nothing this way. */
export function openCore(file: string): OpenCore {
  const fd = openSync(file, 'r');
  return {
    sizeBytes: fstatSync(fd).size,
    read(address, length) {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, address));
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}
