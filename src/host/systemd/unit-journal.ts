import { ENTRY_FIELDS, MESSAGES, parseUnitEntry } from './journal-entry.ts';
import { JournalReading, type JournalRuns } from './journal-runs.ts';
import { readJournal } from './read-journal.ts';

export type UnitHistory = JournalRuns & {
  /** Where the next reading begins; null if the journal has no entry. */
  cursor: string | null;
  /** Why the journal could not be read, one sentence; null if it could. */
  failure: string | null;
};

const FIELDS = `--output-fields=${ENTRY_FIELDS.join(',')}`;
/** Only systemd itself: any process can log these messages. */
const MATCHES = ['_PID=1', ...Object.values(MESSAGES).map((id) => `MESSAGE_ID=${id}`)];

/** What systemd logged about its units after a cursor; with null only where the journal ends now. */
export async function readUnitHistory(after: string | null): Promise<UnitHistory> {
  const reading = new JournalReading();
  let cursor = after;
  const from = after === null ? ['--lines=1'] : [`--after-cursor=${after}`];
  const failure = await readJournal([FIELDS, ...from, ...(after === null ? [] : MATCHES)], (line) => {
    const entry = parseUnitEntry(line);
    cursor = entry?.cursor ?? cursorOf(line) ?? cursor;
    if (entry !== null && after !== null) reading.add(entry);
    return true;
  });
  return { ...reading.result(), cursor, failure };
}

function cursorOf(line: string): string | null {
  return /"__CURSOR"\s*:\s*"([^"\\]{1,300})"/.exec(line)?.[1] ?? null;
}
