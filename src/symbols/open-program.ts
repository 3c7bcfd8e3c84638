import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readGoBuildInfo } from '../formats/elf/go-build-info.ts';
import { readGoTables } from '../formats/elf/go-tables.ts';
import type { ReadBytes } from '../formats/elf/memory-reader.ts';
import { readRustTables, readRustVersion } from '../formats/elf/rust-tables.ts';
import type { ProgramTables } from '../model/last-words.ts';
import type { Runtime } from '../model/runtime.ts';
import { readSource } from './read-source.ts';

/** An executable, open until it is disposed of. */
export type Program = Disposable & {
  /** What its printed calls are compared with; null if it has no such tables. */
  tables: ProgramTables | null;
  /** Of its runtime: `1.19.8` */
  version: string | null;
  /** Path of a Go program's main module. */
  module: string | null;
};

/**
 * Opens the executable of a process that ended. It is read in parts, whatever its size.
 * @returns null if it cannot be read, or has nothing to say about this runtime. Never throws, never waits
 */
export function openProgram(path: string, runtime: Runtime): Program | null {
  if (runtime === 'java') return javaProgram(path);
  const named = VERSIONS[runtime];
  if (named !== undefined) return withoutTables(named.exec(basename(path))?.[1] ?? null);
  if (runtime !== 'go' && runtime !== 'rust') return null;
  const fd = openRegularFile(path);
  if (fd === null) return null;
  const read = readerOf(fd);
  const close = { [Symbol.dispose]: () => closeSync(fd) };
  if (runtime === 'rust') {
    const tables = orNull(() => readRustTables(read));
    return { tables, version: orNull(() => readRustVersion(read)), module: null, ...close };
  }
  const { version = null, module = null } = orNull(() => readGoBuildInfo(read)) ?? {};
  return { tables: orNull(() => readGoTables(read)), version, module, ...close };
}

/** A Java runtime has its version in the file `release`, as lines of a shell. */
function javaProgram(path: string): Program {
  const release = readSource(join(path, '../../release'), MAX_RELEASE_BYTES) ?? '';
  const version = /^JAVA_VERSION="([\w.+-]{1,40})"$/m.exec(release)?.[1] ?? null;
  return withoutTables(version);
}

/** Interpreters that are installed under the name of their version; a link to one leads to it. */
const VERSIONS: Partial<Record<Runtime, RegExp>> = {
  python: /^python(\d{1,2}\.\d{1,3})/,
  ruby: /^ruby(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)$/,
  php: /^php(?:-fpm|-cgi)?(\d{1,2}\.\d{1,3})$/,
  perl: /^perl(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)$/,
};

function withoutTables(version: string | null): Program {
  return { tables: null, version, module: null, [Symbol.dispose]: () => {} };
}

const MAX_RELEASE_BYTES = 64 * 1024;

function openRegularFile(path: string): number | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (fstatSync(fd).isFile()) return fd;
  } catch {}
  if (fd !== null) closeSync(fd);
  return null;
}

function readerOf(fd: number): ReadBytes {
  return (address, length) => {
    const bytes = Buffer.allocUnsafe(Math.max(0, length));
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, address));
    } catch {
      return bytes.subarray(0, 0);
    }
  };
}

/** A damaged file throws. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
