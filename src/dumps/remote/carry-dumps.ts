import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Trouble } from '../../model/dump.ts';
import type { Instant } from '../../model/instant.ts';
import { isOver } from '../../policy/expiry.ts';
import { dumpName, factsName, noteName, temporaryName } from '../dump-names.ts';
import { type KeptDump, listDumps } from '../list-dumps.ts';
import { deleteDump } from '../sweep-dumps.ts';
import { Bucket } from './bucket.ts';
import { isToCarry } from './is-to-carry.ts';
import { BucketTrouble } from './trouble.ts';

/**
 * Moves dumps of a store to their buckets, and deletes there those whose time is over. Repeatable, also while another process does it.
 * @returns false if something remains to be done
 */
export async function carryDumps(store: string, now: Instant, only?: string): Promise<boolean> {
  let isDone = true;
  for (const dump of await listDumps(store)) {
    if (!isToCarry(dump, now) || (only !== undefined && dump.facts.crash !== only)) continue;
    try {
      await carry(dump, now);
    } catch (error) {
      isDone = false;
      if (!(error instanceof BucketTrouble)) continue;
      noteTrouble(dump, error.why, now);
    }
  }
  return isDone;
}

async function carry(dump: KeptDump, now: Instant): Promise<void> {
  const { facts, path, factsPath } = dump;
  if (facts.remote === null) return;
  const bucket = new Bucket(facts.remote);
  const name = dumpName(facts);
  if (isOver(facts, now)) {
    await bucket.remove(name);
    await deleteDump(dump);
    return;
  }
  await bucket.put(name, path);
  if (!existsSync(factsPath)) {
    // A person deleted it meanwhile.
    await bucket.remove(name);
    return;
  }
  writeNote(dump, 'stored', '');
  rmSync(join(dirname(factsPath), noteName(facts.crash, 'trouble')), { force: true });
  rmSync(path, { force: true });
}

function noteTrouble(dump: KeptDump, why: Trouble['why'], now: Instant): void {
  const attempts = (dump.trouble?.attempts ?? 0) + 1;
  try {
    writeNote(dump, 'trouble', JSON.stringify({ why, attempts, atMs: now.wallMs }));
  } catch {
    // The disk is full: the other dumps are still to be moved.
  }
}

/** Whole or not at all. */
function writeNote({ facts, factsPath }: KeptDump, note: 'stored' | 'trouble', text: string): void {
  const store = dirname(factsPath);
  if (!existsSync(join(store, factsName(facts.crash)))) return;
  const temporary = join(store, temporaryName(facts.crash, 'json', process.pid));
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'w', flush: true });
    renameSync(temporary, join(store, noteName(facts.crash, note)));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
