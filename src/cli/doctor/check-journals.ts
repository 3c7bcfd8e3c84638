import { listJournals } from '../../journal/list-journals.ts';
import { openJournalReadOnly } from '../../journal/open-journal-read-only.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { type Check, failure, ok, warning } from './check.ts';

/** Whether the journals of one app, or of all, can be read. */
export function checkJournals(stateDir: string, app: string | null): Check[] {
  try {
    const journals = listJournals(stateDir).filter((journal) => app === null || journal.app === app);
    const problems = journals.flatMap(({ directory }) => checkJournal(directory, app) ?? []);
    if (journals.length === 0 || problems.length > 0) return problems;
    return [ok('journal', `The ${journals.length === 1 ? 'journal' : 'journals'} can be read.`)];
  } catch (error) {
    if (error instanceof CrashmonError) return [];
    throw error;
  }
}

function checkJournal(directory: string, app: string | null): Check | null {
  try {
    openJournalReadOnly(directory)?.close();
    return null;
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    const { code, message } = error;
    if (code !== 'JOURNAL_TOO_NEW') {
      return warning(
        'journal',
        message,
        'If crashmon starts a new journal, the crash count restarts at zero.',
      );
    }
    const advice =
      'Use that version of crashmon, or give another --state-dir. Until then the app runs unmonitored.';
    return app === null ? warning('journal', message, advice) : failure('journal', message, advice);
  }
}
