import type { DialectName } from '../database/database.ts';

/** Statements of one step from a version of the schema to the next. A step that was released never changes. */
export type Migration = (dialect: DialectName) => readonly string[];
