import type { Migration } from './migration.ts';

/** Notices beyond an app's hourly limit wait with their episodes for one digest; the outbox is read in turns. */
export const boundedNotices: Migration = () => [
  'alter table episodes add column crashes bigint not null default 0',
  'alter table episodes add column held text',
  'create index episodes_held on episodes (app_id, crashes) where held is not null',
  'create index notices_by_due on notices (app_id, due)',
  'create index deliveries_by_target on deliveries (type, app_id, target_id, address, due, attempts) where ended_at is null',
];
