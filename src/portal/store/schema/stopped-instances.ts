import type { Migration } from './migration.ts';

/** An instance that said that it ends. */
export const stoppedInstances: Migration = () => [
  'alter table instances add column stopped smallint not null default 0',
];
