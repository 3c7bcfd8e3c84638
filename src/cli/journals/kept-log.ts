import type { PrivateLog } from '../../journal/private-log.ts';
import type { OpenJournal } from './open-journals.ts';

/** A private log with the journal whose crash it tells of. */
export type KeptLog = PrivateLog & { journal: OpenJournal };
