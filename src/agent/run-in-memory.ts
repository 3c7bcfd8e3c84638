import { mkdirSync, readdirSync, renameSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../formats/fingerprint.ts';
import { rawDirectory } from '../journal/raw-capture.ts';
import { memoryDirectory, ownDirectory } from '../worker/own-directory.ts';
import { HEAP_NAME, readPrivate } from './raw-run.ts';

/** statfs(2) */
const TMPFS_MAGIC = 0x01021994;
/** In the raw directory of a run; the probe reads where it leads to, once. */
const LINK_NAME = 'in-memory';
const RUN = /^([0-9a-f]+)\.([0-9a-f]{12})$/;

/** A run, and the user that crashmon runs as. */
export type RunPlace = { directory: string; runId: string; uid: number };

/** Where the probe of a run writes while the worker runs: in memory, so that no write of it waits for a disk. */
export function inMemory({ directory, runId, uid }: RunPlace): string {
  return join(memoryDirectory(uid), `${fingerprint(directory)}.${runId}`);
}

/** Makes it, 0700. Where there is no such place, the probe writes nothing while the worker runs. */
export function makeInMemory(place: RunPlace): void {
  const path = inMemory(place);
  try {
    const parent = memoryDirectory(place.uid);
    ownDirectory(parent, place.uid);
    if (statfsSync(parent).type !== TMPFS_MAGIC) return;
    mkdirSync(path, { mode: 0o700 });
    symlinkSync(path, join(rawDirectory(place.directory, place.runId), LINK_NAME));
  } catch {
    removeInMemory(place);
  }
}

/** Copies what the probe wrote to the raw directory, where a report finds it. */
export function keepHeap(place: RunPlace): void {
  const kept = join(rawDirectory(place.directory, place.runId), HEAP_NAME);
  try {
    const bytes = readPrivate(join(inMemory(place), HEAP_NAME));
    writeFileSync(`${kept}.tmp`, bytes, { mode: 0o600 });
    renameSync(`${kept}.tmp`, kept);
  } catch {
    // The heap stayed small, or the disk is full.
  }
}

/** The run has ended. */
export function removeInMemory(place: RunPlace): void {
  try {
    rmSync(inMemory(place), { recursive: true, force: true });
  } catch {
    // The next start tries again.
  }
}

/** What a crashmon that was killed left of runs that have ended. @param isKept this run goes on */
export function sweepInMemory(directory: string, uid: number, isKept: (runId: string) => boolean): void {
  const slot = fingerprint(directory);
  for (const name of namesIn(memoryDirectory(uid))) {
    const [, of, runId = ''] = RUN.exec(name) ?? [];
    if (of === slot && !isKept(runId)) removeInMemory({ directory, runId, uid });
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
