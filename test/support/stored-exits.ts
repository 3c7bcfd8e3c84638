import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import type { StoredExit } from '../../src/journal/run-rows.ts';

/** All exits below a state directory, newest first for each app and instance; without the start of a CLI. */
export function storedExits(stateDir: string): StoredExit[] {
  return listJournals(stateDir).flatMap(({ directory }) => {
    using journal = openJournalReadOnly(directory);
    return journal?.exits({ limit: 100_000 }) ?? [];
  });
}
