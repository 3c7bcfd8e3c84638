import { join } from 'node:path';
import { Journal } from './journal.ts';
import { openDatabase } from './open-database.ts';
import { journalFailure } from './sqlite-failure.ts';

/**
 * Opens a journal for writing beside the agent that holds its slot. A damaged one stays where it is: setting it aside
 * under the agent would send the agent's writes to a file that is never read.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function joinJournal(directory: string): Journal {
  const path = join(directory, 'journal.db');
  try {
    return new Journal(openDatabase(path), path, []);
  } catch (error) {
    throw journalFailure(path, error);
  }
}
