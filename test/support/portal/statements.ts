import pg from 'pg';
import { PORTAL_NAME } from '../../../src/portal/store/database/database.ts';
import { APP_TABLES } from '../../../src/portal/store/schema/app-tables.ts';

/** A statement over all apps: with Citus, it runs on every node, and fails if one is away. */
export type FanOut = { statement: RegExp; why: string };

const RETENTION = 'retention: what is old, of any app; a step that fails is repeated ten minutes later';
const RUNNER = 'the notification runner, which asks every few seconds for what is due, of any app';

/** Statements on tables of apps that name no app. */
export const FAN_OUTS: readonly FanOut[] = [
  { statement: /^delete from (reports|pending|episodes) where \(app_id, .* limit 500\)$/, why: RETENTION },
  {
    statement: /^delete from \w+ where \(app_id, .*from app_activity as a join .* limit 500\)$/,
    why: RETENTION,
  },
  {
    statement: /^delete from dump_(copies|pieces) where \(app_id, .* from dump_copies as c left join/,
    why: RETENTION,
  },
  {
    statement: /^select app_id, id from notices where at < \$1 and how != \$2 order by at limit/,
    why: RETENTION,
  },
  {
    statement: /^select app_id, count\(\*\) as n from (signatures|instances) group by app_id having/,
    why: 'folding: which apps are near a limit, every five minutes',
  },
  {
    statement: /^select a\.app_id from app_activity as a where exists \(select 1 from instances as i/,
    why: 'folding: which apps have instances that are gone, every hour',
  },
  { statement: /^select distinct app_id from episodes where wake_at is not null/, why: RUNNER },
  { statement: /^select distinct app_id from notices where how = \$1/, why: RUNNER },
  { statement: /^select app_id, target_id, address, min\(due\) as due from deliveries/, why: RUNNER },
  { statement: /^select min\(due\) as due from \( select min\(wake_at\)/, why: RUNNER },
  {
    statement: /^select state, .* from deliveries where state != \$1 group by state$/,
    why: 'two figures in /metrics',
  },
  {
    statement: /^select coalesce\(sum\(size\), .* from dump_copies$/,
    why: 'the room for dumps is that of all apps; read when a dump begins to arrive',
  },
  {
    statement: /^select \* from remote_requests where state = \$1 and expires_at > \$2 order by at limit/,
    why: 'requests of admins, which wait for any instance: once a second at most',
  },
];

/** Run once, when a portal of a new version starts. */
const MIGRATIONS: readonly RegExp[] = [
  /^update episodes set episode = replace\(.* where closed_at is null$/,
  /^insert into app_activity \(.* from apps$/,
];

/** Statements of the portal's own connections in this process, each once. */
export function recordStatements(): { statements: ReadonlySet<string>; stop(): void } {
  const statements = new Set<string>();
  const { prototype } = pg.Client;
  const { query } = prototype;
  // Kysely gives the text first.
  prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const { application_name: name } = (this as unknown as { connectionParameters: Record<string, unknown> })
      .connectionParameters;
    if (name === PORTAL_NAME && typeof given[0] === 'string') statements.add(plain(given[0]));
    return Reflect.apply(query, this, given);
  } as typeof query;
  return {
    statements,
    stop() {
      prototype.query = query;
    },
  };
}

/** In one line, without quotes around names. */
const plain = (statement: string): string => statement.replaceAll('"', '').replaceAll(/\s+/g, ' ').trim();

const TABLE = /\b(?:from|join|update|into) ([a-z_]+)/g;
/** An app by its number, or the app of another table of the statement. */
const NAMED = /\bapp_id (?:= \$\d+|in \(\$\d+|= \w+\.app_id)/g;
const BY_VALUE = /\bapp_id (?:= \$\d+|in \(\$\d+)/;

/**
 * Does each table of apps in the statement get an app from it? Otherwise it needs its place in `FAN_OUTS`.
 * @param isSharded the statement is of the dialect `citus`, where rows are inserted for one app that the statement names
 */
export function namesApp(statement: string, isSharded: boolean): boolean {
  if (/^(begin|commit|rollback|set|start|create|alter|drop)\b/.test(statement)) return true;
  const tables = [...statement.matchAll(TABLE)].map(([, name]) => name);
  const ofApps = tables.filter((name) => APP_TABLES.some((table) => table === name));
  if (ofApps.length === 0) return true;
  const inserts = /^insert into \w+ (?:as t )?\((app_id|.*, app_id)\b/.test(statement);
  if (inserts && / values \(/.test(statement) && ofApps.length === 1) return true;
  if (inserts && !isSharded && / from \(select (?:cast\()?value->>0 as /.test(statement))
    return ofApps.length === 1;
  // Not what is selected.
  const conditions = / (?:where|on) .*/.exec(statement)?.[0] ?? '';
  const named = [...conditions.matchAll(NAMED)].length + (inserts ? 1 : 0);
  return BY_VALUE.test(conditions) && named >= ofApps.length;
}

/** Statements that neither name an app nor are in `FAN_OUTS`. */
export function withoutApp(statements: Iterable<string>, isSharded: boolean): string[] {
  const unnamed = [...statements].filter(
    (statement) =>
      !namesApp(statement, isSharded) &&
      !FAN_OUTS.some(({ statement: known }) => known.test(statement)) &&
      !MIGRATIONS.some((known) => known.test(statement)),
  );
  return unnamed.map((statement) => statement.slice(0, 200));
}
