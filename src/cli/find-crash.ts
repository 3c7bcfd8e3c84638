import { CrashmonError } from '../model/crashmon-error.ts';
import { clipped, type OpenJournal, type OpenJournals } from './open-journals.ts';
import { line } from './render/safe-text.ts';
import type { StoredCrash } from './stored-crash.ts';

/**
 * The exit whose id begins with `prefix`.
 * @throws CrashmonError BAD_OPTION for what cannot be an id, NO_SUCH_CRASH when it fits none or several
 */
export function findCrash({ journals, hint }: OpenJournals, prefix: string): StoredCrash {
  const wanted = prefix.toLowerCase();
  if (!isIdPrefix(wanted)) {
    const message = `${prefix === '' ? 'An empty text' : line(clipped(prefix))} is no crash id: those are 4 to 12 hexadecimal digits, see ${hint('crashes')}`;
    throw new CrashmonError('BAD_OPTION', message);
  }
  const found = journals.flatMap((journal) =>
    journal.reader.exitsByPrefix(wanted).map((exit) => ({ ...exit, journal })),
  );
  const [first, second] = found;
  if (first === undefined) {
    throw new CrashmonError(
      'NO_SUCH_CRASH',
      `No crash begins with ${wanted}: ${hint('crashes')} lists them.`,
    );
  }
  if (second === undefined) return first;
  throw new CrashmonError(
    'NO_SUCH_CRASH',
    `Several crashes begin with ${wanted}: give more digits of the id.`,
  );
}

/** The newest exit that has a report, null where none has. */
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
