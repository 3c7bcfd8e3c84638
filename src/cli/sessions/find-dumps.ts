import { accessSync, constants, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { startCarrying } from '../../agent/sessions/start-carrying.ts';
import { type KeptDump, listDumps, type UnfinishedDump, unfinishedIn } from '../../dumps/list-dumps.ts';
import { isToCarry } from '../../dumps/remote/is-to-carry.ts';
import { codeOf, unusable } from '../../dumps/store-directory.ts';
import { sweepDumps } from '../../dumps/sweep-dumps.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { Instant } from '../../model/instant.ts';
import type { CliContext } from '../context.ts';
import { isIdPrefix } from '../journals/find-crash.ts';
import { clipped, type OpenJournal, type OpenJournals } from '../journals/open-journals.ts';
import { line } from '../render/safe-text.ts';

/** A kept dump with the journal of its crash. */
export type FoundDump = KeptDump & { journal: OpenJournal };

/** Every verb of sessions deletes the dumps whose time is over. */
export async function sweepStores({ journals }: OpenJournals, context: CliContext): Promise<void> {
  const now = context.now();
  for (const store of storesOf(journals)) {
    await sweepDumps(store, now);
    await startCarrying(store, now);
  }
}

/** Where it is, for people. */
export function whereIs({ facts, path, isStored }: KeptDump): string {
  if (!isStored || facts.remote === null) return path;
  const { bucket, prefix } = facts.remote;
  return ['s3:/', bucket, ...(prefix === '' ? [] : [prefix]), basename(path)].join('/');
}

/** What is not yet in its bucket, or not yet deleted there. */
export async function waitingIn(store: string, now: Instant): Promise<KeptDump[]> {
  return (await listDumps(store)).filter((dump) => isToCarry(dump, now));
}

/** Of the stores of these apps; another app can share one. */
export async function unfinishedOf({ journals }: OpenJournals): Promise<UnfinishedDump[]> {
  return (await Promise.all(storesOf(journals).map(unfinishedIn))).flat();
}

/** Newest first. @throws CrashmonError DUMP_STORE_UNUSABLE for a store of another user */
export async function dumpsOf(open: OpenJournals, context: CliContext): Promise<FoundDump[]> {
  await sweepStores(open, context);
  const found: FoundDump[] = [];
  for (const journal of open.journals) {
    for (const store of storesOf([journal])) {
      checkReadable(store);
      for (const dump of await listDumps(store)) {
        const { app, instance } = dump.facts;
        if (app === journal.app && instance === journal.instance) found.push({ ...dump, journal });
      }
    }
  }
  return found.sort((one, other) => other.facts.diedAtMs - one.facts.diedAtMs);
}

/** @throws CrashmonError BAD_OPTION for an invalid ID, NO_SUCH_CRASH if none or several match */
export async function findDump(open: OpenJournals, prefix: string, context: CliContext): Promise<FoundDump> {
  const wanted = prefix.toLowerCase();
  const advice = `To list dumps: ${open.hint('session', 'dumps')}`;
  if (!isIdPrefix(wanted)) {
    const message = `Invalid dump ID "${line(clipped(prefix))}": expected 4–12 hex digits. ${advice}`;
    throw new CrashmonError('BAD_OPTION', message);
  }
  const all = await dumpsOf(open, context);
  const [found, another] = all.filter(({ facts }) => facts.crash.startsWith(wanted));
  if (found === undefined)
    throw new CrashmonError('NO_SUCH_CRASH', `No dump of ${wanted} is kept. ${advice}`);
  if (another === undefined) return found;
  throw new CrashmonError('NO_SUCH_CRASH', `Several dump IDs begin with ${wanted}: give more digits.`);
}

function storesOf(journals: readonly OpenJournal[]): string[] {
  return [...new Set(journals.flatMap(({ reader }) => reader.dumpStores()))];
}

function checkReadable(store: string): void {
  if (!existsSync(store)) return;
  try {
    accessSync(store, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw unusable(store, `it cannot be read (${codeOf(error)})`);
  }
}
