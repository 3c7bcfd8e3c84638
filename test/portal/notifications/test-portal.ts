import type { Lookup } from '../../../src/notify/webhook/resolve-target.ts';
import { NotificationRunner } from '../../../src/portal/notifications/sending/notification-runner.ts';
import type { NotificationSending } from '../../../src/portal/portal-parts.ts';
import { APP_LIMITS, type AppLimits } from '../../../src/portal/store/limits.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { type TestCitus, useCitus } from '../../support/portal/citus.ts';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A Wednesday, 10:00 in UTC. */
export const START_MS = Date.UTC(2026, 10, 25, 10);

export type TestPortal = AsyncDisposable & {
  store: PortalStore;
  runner: NotificationRunner;
  /** The time that the portal believes it is. */
  clock: { nowMs: number };
  warnings: string[];
};

export type PortalPlace = { databaseUrl: string | null; dataDir: string };

/** The store and the notification runner of one portal process, with a clock that the test sets. */
export async function openTestPortal(
  place: PortalPlace,
  sending: Partial<NotificationSending> = {},
  options: { clock?: { nowMs: number }; lookup?: Lookup; limits?: Partial<AppLimits> } = {},
): Promise<TestPortal> {
  const clock = options.clock ?? { nowMs: START_MS };
  const now = () => clock.nowMs;
  const sendingSettings = { smtp: null, mailFrom: FROM, mailTo: [], allowPrivateWebhooks: true, ...sending };
  const limits = { ...APP_LIMITS, ...options.limits };
  const store = await openPortalStore(
    { ...place, retentionDays: 90, notifications: sendingSettings, limits },
    now,
  );
  const warnings: string[] = [];
  const warn = (object: object, sentence?: string) => {
    warnings.push(`${sentence} ${String((object as { err?: unknown }).err)}`);
  };
  const parts = {
    store,
    sending: sendingSettings,
    baseUrl: () => 'https://crashes.example.org',
    now,
    unsubscribeUrl: async () => 'https://crashes.example.org/unsubscribe/x',
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  };
  const runner = new NotificationRunner(parts, { warn });
  return {
    store,
    runner,
    clock,
    warnings,
    async [Symbol.asyncDispose]() {
      // The threads of SQLite keep no process alive, and closing has to wait for them.
      const alive = setInterval(() => {}, 1000);
      await runner[Symbol.asyncDispose]();
      await store.close();
      clearInterval(alive);
    },
  };
}

const FROM = 'Crashmon <crashmon@example.com>';

export type Databases = AsyncDisposable & {
  /** Each a database that is unused. */
  places: readonly { name: 'SQLite' | 'PostgreSQL' | 'Citus'; fresh: () => Promise<PortalPlace> }[];
};

/** Both databases that a portal can have, and Citus as in `onBothDatabases`. */
export function databases(): Databases {
  let postgres: Promise<TestDatabase> | null = null;
  let citus: Promise<TestCitus> | null = null;
  const coordinator = process.env.CRASHMON_TEST_CITUS;
  const directories: AsyncDisposable[] = [];
  const directory = async () => {
    const made = await temporaryDirectory('notifications');
    directories.push(made);
    return made.path;
  };
  const onCitus = async (url: string): Promise<PortalPlace> => {
    citus ??= useCitus(url);
    return { databaseUrl: await (await citus).fresh(), dataDir: '/nowhere' };
  };
  return {
    places: [
      { name: 'SQLite', fresh: async () => ({ databaseUrl: null, dataDir: await directory() }) },
      {
        name: 'PostgreSQL',
        async fresh() {
          postgres ??= startPostgres();
          return { databaseUrl: await (await postgres).fresh(), dataDir: '/nowhere' };
        },
      },
      ...(coordinator ? [{ name: 'Citus' as const, fresh: () => onCitus(coordinator) }] : []),
    ],
    async [Symbol.asyncDispose]() {
      await (await postgres)?.[Symbol.asyncDispose]();
      await (await citus)?.[Symbol.asyncDispose]();
      for (const made of directories) await made[Symbol.asyncDispose]();
    },
  };
}
