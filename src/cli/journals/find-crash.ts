import { CrashmonError } from '../../model/crashmon-error.ts';
import { line } from '../render/safe-text.ts';
import { clipped, type OpenJournal, type OpenJournals } from './open-journals.ts';
import type { StoredCrash } from './stored-crash.ts';

/**
 * The exit whose ID begins with `prefix`.
 * @throws CrashmonError BAD_OPTION for an invalid ID, NO_SUCH_CRASH if none or several match
 */
export function findCrash({ journals, hint }: OpenJournals, prefix: string): StoredCrash {
  const wanted = prefix.toLowerCase();
  if (!isIdPrefix(wanted)) {
    const message = `Invalid crash ID "${line(clipped(prefix))}": expected 4–12 hex digits. To list crashes: ${hint('crashes')}`;
    throw new CrashmonError('BAD_OPTION', message);
  }
  const found = journals.flatMap((journal) =>
    journal.reader.exitsByPrefix(wanted).map((exit) => ({ ...exit, journal })),
  );
  const [first, second] = found;
  if (first === undefined) {
    throw new CrashmonError(
      'NO_SUCH_CRASH',
      `No crash ID begins with ${wanted}. To list crashes: ${hint('crashes')}`,
    );
  }
  if (second === undefined) return first;
  throw new CrashmonError('NO_SUCH_CRASH', `Several crash IDs begin with ${wanted}: give more digits.`);
}

/** The newest exit with a report, null if there is none. */
export function newestReported(journals: readonly OpenJournal[]): StoredCrash | null {
  const reported = journals.flatMap((journal) => {
    const exit = journal.reader.newestReported();
    return exit === null ? [] : [{ ...exit, journal }];
  });
  return reported.sort((one, other) => other.diedAt.wallMs - one.diedAt.wallMs)[0] ?? null;
}

export function isIdPrefix(text: string): boolean {
  return /^[0-9a-f]{4,12}$/.test(text);
}
