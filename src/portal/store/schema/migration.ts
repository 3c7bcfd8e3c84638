import type { DialectName } from '../database/database.ts';

/** The statements from one version of the schema to the next. A released migration never changes. */
export type Migration = (dialect: DialectName) => readonly string[];
