import type { Migration } from './migration.ts';

/**
 * Reasons and problems are codes from here on, which an older portal cannot show. Older rows stay as they are:
 * `model/history` reads their sentences, and rewriting millions of rows would delay the start.
 */
export const codes: Migration = () => [];
