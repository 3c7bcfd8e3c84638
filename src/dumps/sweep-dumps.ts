import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Instant } from '../model/instant.ts';
import { type Expiry, isOver, renewed } from '../policy/expiry.ts';
import { fileOf, noteName, temporaryName } from './dump-names.ts';
import { isRunning } from './is-running.ts';
import { type KeptDump, listDumps, namesIn, statOf } from './list-dumps.ts';

/** One file of a dump without the other is being written, or its writer was killed. */
const HOUR_MS = 60 * 60_000;
const SETTLED_MS = HOUR_MS;

/** A bucket that is away for longer after the end of a dump keeps it. */
const LONGEST_TRIED_MS = 30 * 24 * HOUR_MS;

/**
 * Deletes the dumps whose time is over, and what a writer that was killed left behind. A file that cannot be deleted stays until the
 * next time. The agent does this, too, so nothing here waits for a disk.
 */
export async function sweepDumps(store: string, now: Instant): Promise<void> {
  const dumps = await listDumps(store);
  for (const dump of dumps) await sweepDump(dump, now);
  const crashes = new Set(dumps.map(({ facts }) => facts.crash));
  for (const name of await namesIn(store)) {
    const file = fileOf(name);
    const path = join(store, name);
    if (file === null) continue;
    if (file.type !== 'temporary') {
      if (!crashes.has(file.crash) && (await isOld(path))) await remove(path);
    } else if (!(await isBeingWritten(path, file.pid))) await remove(path);
  }
}

async function sweepDump(dump: KeptDump, now: Instant): Promise<void> {
  const { facts } = dump;
  if (!isOver(facts, now)) {
    const expiry = renewed(facts, now);
    if (expiry !== null) tryTo(() => writeExpiry(dump, expiry));
  } else if (
    facts.remote === null ||
    isOver({ ...facts, expiresAtMs: facts.expiresAtMs + LONGEST_TRIED_MS }, now)
  )
    await deleteDump(dump);
  else await deleteHere(dump);
}

/** The memory first: what describes it says until when it should have been there. */
export async function deleteDump({ path, factsPath, facts }: DumpFiles): Promise<void> {
  if (!(await remove(path))) return;
  for (const note of ['stored', 'trouble'] as const)
    await remove(join(dirname(factsPath), noteName(facts.crash, note)));
  await remove(factsPath);
}

/** What can be in a bucket is deleted there next (`carryDumps`): a writer can have been killed before it noted that it is. */
export async function deleteHere({ path, factsPath, facts }: DumpFiles): Promise<void> {
  const note = join(dirname(factsPath), noteName(facts.crash, 'stored'));
  const isNoted = () => succeeds(writeFile(note, '', { mode: 0o600 }));
  // Without the note nothing would delete it there. A full disk has room for it once the memory is gone.
  if ((await isNoted()) || ((await succeeds(truncate(path))) && (await isNoted()))) await remove(path);
}

/** A person deletes it: its time is over. @throws the error of the file system */
export function expireNow(dump: DumpFiles, now: Instant): void {
  writeExpiry(dump, { expiresAtMs: now.wallMs, setAt: now });
}

function writeExpiry({ factsPath, facts }: DumpFiles, expiry: Expiry): void {
  const temporary = join(dirname(factsPath), temporaryName(facts.crash, 'json', process.pid));
  try {
    writeFileSync(temporary, `${JSON.stringify({ ...facts, ...expiry })}\n`, { mode: 0o600, flush: true });
    renameSync(temporary, factsPath);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

type DumpFiles = Pick<KeptDump, 'path' | 'factsPath' | 'facts'>;

async function remove(path: string): Promise<boolean> {
  return await succeeds(rm(path, { force: true }));
}

async function succeeds(operation: Promise<unknown>): Promise<boolean> {
  return await operation.then(
    () => true,
    () => false,
  );
}

/** What fails is tried again the next time. */
function tryTo(operation: () => void): void {
  try {
    operation();
  } catch {}
}

/** The process ID of a writer that was killed can be another process's by now, and the clock can have been set. */
async function isBeingWritten(path: string, pid: number): Promise<boolean> {
  return isRunning(pid) && (!(await isOld(path)) || (await isOpenIn(pid, path)));
}

async function isOpenIn(pid: number, path: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const links = (await readdir(directory).catch(() => [])).map((name) => readlink(join(directory, name)));
  return (await Promise.allSettled(links)).some(
    (link) => link.status === 'fulfilled' && basename(link.value) === basename(path),
  );
}

/** By the clock of the file system: that of this process can have been set since. */
async function isOld(path: string): Promise<boolean> {
  const changedMs = (await statOf(path))?.mtimeMs ?? Date.now();
  return Math.abs(Date.now() - changedMs) > SETTLED_MS;
}
