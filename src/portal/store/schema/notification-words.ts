import type { Migration } from './migration.ts';

/** Two fields of open episodes have other names. */
export const notificationWords: Migration = () => [
  `update episodes set episode =
    replace(replace(episode, '"told":', '"notified":'), '"tellByMs":', '"notifyByMs":') where closed_at is null`,
];
