import { readJournal } from '../../agent/read-journal.ts';
import { ENTRY_FIELDS, MESSAGES, parseUnitEntry } from './journal-entry.ts';
import { JournalReading, type JournalRuns } from './journal-runs.ts';

export type UnitHistory = Omit<JournalRuns, 'resumeAfter'> & {
  /** Some of it is read again, with what follows. */
  isReadAgain: boolean;
  /** Where the next reading begins; null if the journal has no entry. */
  cursor: string | null;
  /** Why the journal could not be read, one sentence; null if it could. */
  failure: string | null;
  /** It ended before the journal did. */
  isMore: boolean;
};

/** What journalctl says of a cursor that is none. One whose entry is gone it finds by time. */
const NO_CURSOR = /seek to cursor/;
const FIELDS = `--output-fields=${ENTRY_FIELDS.join(',')}`;
/** Only systemd itself: any process can log these messages. */
const MATCHES = [
  '_PID=1',
  ...Object.values(MESSAGES)
    .filter((id) => id !== MESSAGES.stopped)
    .map((id) => `MESSAGE_ID=${id}`),
];

/** What systemd logged about its units after a cursor; with null only where the journal ends now. */
export async function readUnitHistory(
  after: string | null,
  read: typeof readJournal = readJournal,
  endedBefore: ReadonlySet<string> = new Set(),
): Promise<UnitHistory> {
  const reading = new JournalReading(endedBefore);
  let cursor = after;
  const from = after === null ? ['--lines=1'] : [`--cursor=${after}`];
  const failure = await read([FIELDS, ...from, ...(after === null ? [] : MATCHES)], (line) => {
    // Not by --after-cursor: where that entry is gone, journalctl 252 leaves out the one after it.
    if (cursorOf(line) === after) return true;
    const entry = parseUnitEntry(line);
    if (entry !== null && after !== null) reading.add(entry, cursor);
    cursor = entry?.cursor ?? cursorOf(line) ?? cursor;
    return !reading.isFull;
  });
  // It is damaged: what it left out, only systemd's count of restarts shows.
  if (after !== null && failure !== null && NO_CURSOR.test(failure))
    return await readUnitHistory(null, read, endedBefore);
  const { resumeAfter, ...runs } = reading.result();
  const isMore = reading.isFull || (failure !== null && cursor !== after);
  // With so many runs during one stop, the next reading would be this one.
  const next = reading.isFull && resumeAfter === after ? cursor : (resumeAfter ?? cursor);
  return { ...runs, isReadAgain: next !== cursor, cursor: next, failure, isMore };
}

function cursorOf(line: string): string | null {
  return /"__CURSOR"\s*:\s*"([^"\\]{1,300})"/.exec(line)?.[1] ?? null;
}
