import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Instant } from '../model/instant.ts';
import { listJournals } from './list-journals.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';
import { makePrivateDirectory } from './private-directory.ts';
import type { LockFile } from './slot.ts';

const HOUR_MS = 3_600_000;
/** Of 30 kB at least. More than services of a host, fewer than the containers that it starts in a year. */
const KEPT = 1_000;
/** Longer than any usual window and cool-down. */
const UNUSED_MS = 48 * HOUR_MS;
/** For the receiver, a crash of then is too old. */
const UNSENT_MS = 30 * 24 * HOUR_MS;
/** Some 3 ms each, in which the caller does nothing else. */
const AT_ONCE = 50;

type Unused = { directory: string; usedAtMs: number };

/**
 * Where services have ever new names (containers, transient units), deletes the state of those that are gone: while there are
 * more than `kept`, the ones unused longest, some at a time. It stays where something of it is still wanted: a worker that runs,
 * dumps, `arm` and `disarm`, records that wait to be sent. Nothing fails: what cannot be deleted stays.
 * @param lockFile as `acquireSlot` takes it: what a crashmon holds is in use
 */
export function retireSlots(stateDir: string, now: Instant, lockFile: LockFile, kept = KEPT): void {
  try {
    removeRetired(stateDir);
    const slots = listJournals(stateDir).map(({ directory }) => ({
      directory,
      usedAtMs: usedAtMs(directory, now.wallMs),
    }));
    let retired = 0;
    for (const slot of tooMany(slots, now.wallMs, kept)) {
      if (retired < AT_ONCE && retire(stateDir, slot, now, lockFile)) retired += 1;
    }
  } catch {
    // Another time.
  }
}

/** The ones unused longest, beyond those that are kept. Pure. */
export function tooMany(slots: readonly Unused[], nowMs: number, kept: number): Unused[] {
  return [...slots]
    .sort((one, other) => other.usedAtMs - one.usedAtMs)
    .slice(kept)
    .filter(({ usedAtMs }) => nowMs - usedAtMs > UNUSED_MS);
}

/** Out of the way at once: a crashmon that starts now makes a new directory. */
function retire(stateDir: string, slot: Unused, now: Instant, lockFile: LockFile): boolean {
  const { directory } = slot;
  try {
    const release = lockFile(join(directory, 'lock.db'));
    if (release === null) return false;
    try {
      if (isWanted(slot, now)) return false;
      const aside = join(makePrivateDirectory(stateDir, 'retired'), randomUUID());
      renameSync(directory, aside);
    } finally {
      release();
    }
    removeRetired(stateDir);
    // Fails where the app has another instance.
    rmdirSync(dirname(directory));
    return true;
  } catch {
    return false;
  }
}

function isWanted({ directory, usedAtMs }: Unused, now: Instant): boolean {
  if (namesIn(join(directory, 'dumps')).length > 0) return true;
  using journal = openJournalReadOnly(directory);
  if (journal === null) return false;
  return (
    journal.manualOverride() !== null ||
    journal.dumpStores().length > 0 ||
    journal.openRuns().some(({ startedAt }) => startedAt.bootId === now.bootId) ||
    (now.wallMs - usedAtMs < UNSENT_MS && journal.outboxTotals().records > 0)
  );
}

/** Also what an earlier crashmon had no time for. */
function removeRetired(stateDir: string): void {
  const retired = join(stateDir, 'retired');
  for (const name of namesIn(retired)) rmSync(join(retired, name), { recursive: true, force: true });
}

function usedAtMs(directory: string, nowMs: number): number {
  const times = ['journal.db', 'journal.db-wal', 'lock.db'].map(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  // Nothing there: it is being made.
  return Math.max(...times) || nowMs;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
