import type { Migration } from './migration.ts';

/** Why a crash like the last one cannot be captured, as it comes on the wire. */
export const noCapture: Migration = () => ['alter table instances add column no_capture text'];
