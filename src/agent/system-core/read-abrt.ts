import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { signalName } from '../../formats/signals/signal-name.ts';
import { parseCoreBacktrace, signalOfBacktrace } from '../../formats/system-core/abrt-backtrace.ts';
import { nativeFramesOf } from '../../formats/system-core/core-frames.ts';
import type { SystemCore } from '../../model/system-core.ts';

/** More are not read. */
const MAX_PROBLEMS = 200;
const MAX_BYTES = 1024 * 1024;

/** ABRT's directories, one for each problem. */
export function readAbrt(directory = '/var/spool/abrt'): SystemCore[] {
  return names(directory).flatMap((name) => {
    const read = (file: string) => readBounded(join(directory, name, file));
    const backtrace = read('core_backtrace');
    const [pid, seconds] = [Number(read('global_pid') || read('pid')), Number(read('time'))];
    const signal = signalName(signalOfBacktrace(backtrace));
    if (read('type').trim() !== 'CCpp' || signal === null || !(pid > 0) || !(seconds > 0)) return [];
    const executable = read('executable').trim() || null;
    const frames = nativeFramesOf(parseCoreBacktrace(backtrace), executable);
    return [{ pid, bootId: null, executable, signal, atMs: seconds * 1000, frames, cut: false }];
  });
}

/** Newest first, as far as their names have the time. */
function names(directory: string): string[] {
  try {
    return readdirSync(directory).sort().reverse().slice(0, MAX_PROBLEMS);
  } catch {
    return [];
  }
}

/** The beginning of a file; '' if it cannot be read, or another user could have put it there. */
function readBounded(path: string): string {
  let fd: number | null = null;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || !isTrusted(stat.uid)) return '';
    const bytes = Buffer.alloc(Math.min(stat.size, MAX_BYTES));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)).toString('utf8');
  } catch {
    return '';
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}
