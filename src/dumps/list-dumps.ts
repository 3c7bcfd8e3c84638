import { constants } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DumpFacts, Trouble } from '../model/dump.ts';
import { parseDumpFacts } from './dump-facts.ts';
import { dumpName, factsName, fileOf, noteName } from './dump-names.ts';
import { isRunning } from './is-running.ts';
import { parseTrouble } from './remote/trouble.ts';

export type KeptDump = {
  facts: DumpFacts;
  path: string;
  factsPath: string;
  /** It is in the bucket, and no longer at `path`. */
  isStored: boolean;
  /** Why it is not there, or could not be deleted there; null if nothing failed. */
  trouble: Trouble | null;
};

/** The dumps of a store, oldest first; none if it cannot be read. */
export async function listDumps(store: string): Promise<KeptDump[]> {
  const dumps: KeptDump[] = [];
  for (const name of await namesIn(store)) {
    const file = fileOf(name);
    if (file?.type !== 'facts') continue;
    const factsPath = join(store, factsName(file.crash));
    const facts = await readFacts(factsPath);
    if (facts === null || facts.crash !== file.crash) continue;
    const path = join(store, dumpName(facts));
    const isHere = (await statOf(path))?.isFile() === true;
    const isStored = !isHere && (await statOf(join(store, noteName(facts.crash, 'stored')))) !== null;
    if (!isHere && !isStored) continue;
    const trouble =
      facts.remote === null ? null : await readTrouble(join(store, noteName(facts.crash, 'trouble')));
    dumps.push({ facts, path, factsPath, isStored, trouble });
  }
  return dumps.sort((one, other) => one.facts.diedAtMs - other.facts.diedAtMs);
}

/** A dump that a process is writing. */
export type UnfinishedDump = { crash: string; sizeBytes: number; sinceMs: number };

/** Oldest first; none of a process that was killed. */
export async function unfinishedIn(store: string): Promise<UnfinishedDump[]> {
  const unfinished: UnfinishedDump[] = [];
  for (const name of await namesIn(store)) {
    const file = fileOf(name);
    if (file?.type !== 'temporary' || file.what !== 'core' || !isRunning(file.pid)) continue;
    const stat = await statOf(join(store, name));
    if (stat !== null)
      unfinished.push({ crash: file.crash, sizeBytes: stat.size, sinceMs: stat.birthtimeMs });
  }
  return unfinished.sort((one, other) => one.sinceMs - other.sinceMs);
}

/** Of all dumps, whichever app they are of. */
export async function bytesIn(store: string): Promise<number> {
  let bytes = 0;
  for (const name of await namesIn(store)) {
    if (fileOf(name)?.type === 'dump') bytes += (await statOf(join(store, name)))?.size ?? 0;
  }
  return bytes;
}

/** Empty if it cannot be read. */
export async function namesIn(store: string): Promise<string[]> {
  return await readdir(store).catch(() => []);
}

/** null if it is not there. */
export async function statOf(path: string) {
  return await stat(path).catch(() => null);
}

async function readFacts(path: string): Promise<DumpFacts | null> {
  const text = await readText(path);
  return text === null ? null : parseDumpFacts(text);
}

async function readTrouble(path: string): Promise<Trouble | null> {
  const text = await readText(path);
  return text === null ? null : parseTrouble(text);
}

async function readText(path: string): Promise<string | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return await readFile(path, { encoding: 'utf8', flag: O_RDONLY | O_NOFOLLOW | O_NONBLOCK }).catch(
    () => null,
  );
}
