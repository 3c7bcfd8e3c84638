import type { Migration } from './migration.ts';

/** Open episodes: two fields have other names, and two are new. */
export const notificationWords: Migration = () => [
  `update episodes set episode =
    replace(replace(episode, '"told":', '"awaited":[],"stackSent":false,"notified":'), '"tellByMs":', '"notifyByMs":')
    where closed_at is null`,
];
