import type { PrivateLog } from '../../journal/private-log.ts';
import type { OpenJournal } from './open-journals.ts';

/** A private log with its journal. */
export type KeptLog = PrivateLog & { journal: OpenJournal };
