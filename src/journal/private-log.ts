import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileTime, parseFileTime } from './file-time.ts';
import { makeOne } from './private-directory.ts';
import { errorCode, unusable } from './unusable.ts';

const KEPT = 10;
const NAME = /^(\d{8}T\d{6}\.\d{3}Z)-([0-9a-f]{12})(?:\.stderr)?\.log$/;
const TEMPORARY = /^\.[0-9a-f]{12}\.tmp$/;
const ID = /^[0-9a-f]{12}$/;

export type PrivateLog = {
  id: string;
  diedAtMs: number;
  path: string;
  sizeBytes: number;
  /** Does it hold exception and stack? Otherwise the end of standard error. */
  captured: boolean;
};

/**
 * Writes the log of one crash, the only place of exception messages, and keeps the last 10. The file appears whole or
 * not at all; a second one of the same crash replaces the first, unless only the first has a stack (`captured`).
 * @returns its path
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function writePrivateLog(
  directory: string,
  log: { id: string; diedAtMs: number; text: string; captured: boolean },
): string {
  if (!ID.test(log.id)) throw new RangeError('not a crash id');
  const logs = join(directory, 'crashdumps');
  const name = `${fileTime(log.diedAtMs)}-${log.id}${log.captured ? '' : '.stderr'}.log`;
  const temporary = join(logs, `.${log.id}.tmp`);
  try {
    makeOne(logs);
    sweep(logs);
    writeWhole(temporary, log.text);
    renameSync(temporary, join(logs, name));
    if (log.captured) rmSync(join(logs, name.replace(/\.log$/, '.stderr.log')), { force: true });
    keepLast(logs, name);
    return join(logs, name);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unusable(logs, error);
  }
}

/** Newest first; empty if none was written. Throws CrashmonError STATE_DIR_UNUSABLE when they cannot be read. */
export function listPrivateLogs(directory: string): PrivateLog[] {
  const logs = join(directory, 'crashdumps');
  return logNames(logs)
    .reverse()
    .flatMap((name) => {
      const [, time = '', id = ''] = NAME.exec(name) ?? [];
      const path = join(logs, name);
      // The agent can delete it in between.
      const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
      return sizeBytes === undefined
        ? []
        : [{ id, diedAtMs: parseFileTime(time) ?? 0, path, sizeBytes, captured: isCaptured(name) }];
    });
}

/** The text of one crash's log, null if there is none. */
export function readPrivateLog(directory: string, id: string): string | null {
  const candidates = listPrivateLogs(directory).filter((candidate) => candidate.id === id);
  const log = candidates.find(({ captured }) => captured) ?? candidates[0];
  if (log === undefined) return null;
  try {
    return readFileSync(log.path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NOFOLLOW });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unusable(log.path, error);
  }
}

/** Oldest first: the names begin with the time. */
function logNames(logs: string): string[] {
  try {
    return readdirSync(logs)
      .filter((name) => NAME.test(name))
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw unusable(logs, error);
  }
}

function writeWhole(path: string, text: string): void {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const file = openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  } finally {
    closeSync(file);
  }
}

/**
 * Those without a stack go first: in a crash loop ten of them are written within seconds, and the one that explains
 * the crash would be deleted. `just` stays even if a clock that was set back makes it seem the oldest.
 */
function keepLast(logs: string, just: string): void {
  const others = logNames(logs).filter((name) => name !== just);
  const byWorth = [...others.filter((name) => !isCaptured(name)), ...others.filter(isCaptured)];
  const tooMany = Math.max(0, others.length - (KEPT - 1));
  for (const name of byWorth.slice(0, tooMany)) rmSync(join(logs, name), { force: true });
}

function isCaptured(name: string): boolean {
  return !name.endsWith('.stderr.log');
}

/** Leftovers of a writer that was killed; one agent at a time writes here, so none is in use. */
function sweep(logs: string): void {
  for (const name of readdirSync(logs)) {
    if (TEMPORARY.test(name)) rmSync(join(logs, name), { force: true, recursive: true });
  }
}
