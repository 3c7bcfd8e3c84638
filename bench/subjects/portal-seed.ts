import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { sqlitePath } from '../../src/portal/store/database/open-sqlite.ts';
import { COUNTED, DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/portal/store/limits.ts';
import { openDatabase } from '../../src/portal/store/open-database.ts';
import { migrate } from '../../src/portal/store/schema/migrate.ts';

export type SeedPlace = { dataDir: string; databaseUrl: string | null };

/** One app's fleet: the same for any number of crashes. */
export const SEEDED = { app: 'shop', days: 90, signatures: 200, instances: 500, versions: 20 } as const;

/** One report per so many crashes, as in a fleet that arms after three. */
const PER_REPORT = 10;

type Run = (statement: string) => Promise<unknown>;

/**
 * Fills an empty database with crashes up to now and with the counts that the portal would have stored. Uses a few
 * statements without indexes, since the portal itself would take an hour.
 */
export async function seedCrashes(place: SeedPlace, crashes: number, nowMs = Date.now()): Promise<void> {
  const settings = { ...place, retentionDays: SEEDED.days };
  const database = await openDatabase(settings);
  try {
    await migrate(database.dialect, database.writer, database.shownName);
    await database.prepareFor(nowMs - SEEDED.days * DAY_MS, nowMs + DAY_MS);
  } finally {
    await database.close();
  }
  if (place.databaseUrl === null) await seedSqlite(place.dataDir, crashes, nowMs);
  else await seedPostgres(place.databaseUrl, crashes, nowMs);
}

/** Over its own connection: the portal's would time out. */
async function seedPostgres(databaseUrl: string, crashes: number, nowMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const run: Run = (statement) => client.query(statement);
    await run("set maintenance_work_mem = '512MB'");
    await run("set work_mem = '256MB'");
    await run('set synchronous_commit = off');
    const { rows } = await client.query(`select indexname as name, indexdef as sql
      from pg_indexes where tablename = 'crashes' and indexname not like '%pkey'`);
    const indexes = rows.map((row) => ({ ...row, sql: row.sql.replace(' ON ONLY ', ' ON ') }));
    await fill(run, 'postgres', crashes, nowMs, indexes);
    await run('vacuum analyze');
  } finally {
    await client.end();
  }
}

async function seedSqlite(dataDir: string, crashes: number, nowMs: number): Promise<void> {
  const database = new DatabaseSync(sqlitePath(dataDir));
  try {
    database.exec('pragma cache_size = -1000000; pragma temp_store = memory; pragma synchronous = off');
    database.exec('pragma journal_mode = memory');
    const run: Run = async (statement) => database.exec(statement);
    const indexes = database
      .prepare(
        "select name, sql from sqlite_master where type = 'index' and tbl_name = 'crashes' and sql is not null",
      )
      .all() as { name: string; sql: string }[];
    await fill(run, 'sqlite', crashes, nowMs, indexes);
    database.exec('pragma journal_mode = wal');
  } finally {
    database.close();
  }
}

async function fill(
  run: Run,
  dialect: 'sqlite' | 'postgres',
  crashes: number,
  nowMs: number,
  indexes: readonly { name: string; sql: string }[],
): Promise<void> {
  await run('begin');
  for (const { name } of indexes) await run(`drop index ${name}`);
  await run(`insert into apps (app_id, name) values (1, '${SEEDED.app}')`);
  await run(`insert into app_activity (app_id, changes, last_crash_at) values (1, 1, ${nowMs - 1})`);
  if (dialect === 'postgres') await run("select setval(pg_get_serial_sequence('apps', 'app_id'), 2, false)");
  await run(crashRows(dialect, crashes, nowMs));
  for (const index of indexes) await run(index.sql);
  for (const statement of derivedRows(nowMs)) await run(statement);
  await run('commit');
}

function crashRows(dialect: 'sqlite' | 'postgres', crashes: number, nowMs: number): string {
  const fromMs = nowMs - SEEDED.days * DAY_MS + HOUR_MS;
  const spanMs = nowMs - fromMs;
  const numbers =
    dialect === 'sqlite'
      ? `with recursive numbers(i) as (select 0 union all select i + 1 from numbers where i < ${crashes - 1})`
      : `with numbers(i) as (select generate_series(0::bigint, ${crashes - 1}::bigint))`;
  // As agents make them: time first.
  const uid =
    dialect === 'sqlite'
      ? "printf('%012x', at) || lower(hex(randomblob(6)))"
      : "lpad(to_hex(at), 12, '0') || substr(md5(i::text), 1, 12)";
  // Few signatures have most of the crashes.
  const roll = '((i * 2654435761) % 4294967296) / 4294967296.0';
  const group = `cast(floor(${roll} * ${roll} * ${roll} * ${SEEDED.signatures}) as integer)`;
  const hasReport = `i % ${PER_REPORT} = 3`;
  return `${numbers}, drafts as (select i, ${fromMs} + (i * ${spanMs}) / ${crashes} as at, ${group} as g,
      (i * 40503) % ${SEEDED.instances} as machine, (i * ${SEEDED.versions}) / ${crashes} as release from numbers)
    insert into crashes (app_id, at, uid, crash_id, instance, version, kind, status, exception_type, code, signal,
      signature, cause, suspected, armed, captured, reason, uptime_ms, crashes_in_window, settings, back_after_ms,
      report_hash, report_own)
    select 1, at, ${uid}, '20261125-101500-' || (i % 1000), 'web-' || machine, '2.' || release || '.0',
      case when g % 8 = 7 then 'fault' else 'exception' end,
      case when g % 8 = 7 then 'signal:SIGSEGV' else 'code:1' end,
      case when ${hasReport} and g % 8 < 7 then 'TypeError' end, null, case when g % 8 = 7 then 'SIGSEGV' end,
      'group' || g, 'cause' || (g % 12) || case when ${hasReport} then 'r' else '' end, 0,
      case when ${hasReport} then 1 else 0 end, case when ${hasReport} then 1 else 0 end,
      'uncaught-exception', 5000 + i % 100000, i % 4, '3/86400000/28800000', 120,
      case when ${hasReport} then 'report' || g end,
      case when ${hasReport} then '{"id":"x","app":"shop","instance":"web-1","diedAt":"2026-11-25T00:00:00.000Z",' ||
        '"heap":null,"hold":{"ms":0.4}}' end
    from drafts`;
}

/** Everything derived from the crashes' rows, as the portal stores it. */
function derivedRows(nowMs: number): string[] {
  const keys: Record<string, string> = { a: "''", s: 'signature', c: 'cause', i: 'instance' };
  const bucket = (step: number) => `(at / ${step * MINUTE_MS}) * ${step * MINUTE_MS}`;
  const counts = Object.entries(COUNTED).flatMap(([dimension, steps]) =>
    steps.map(({ step, keptMs }) => {
      // Longer ones are sums of hours, which are kept as long as the crashes.
      const [source, key, n] =
        keptMs > SEEDED.days * DAY_MS && step > 60
          ? [`counts where dimension = '${dimension}' and step = 60`, 'key', 'sum(n)']
          : [`crashes where at >= ${nowMs - keptMs}`, keys[dimension], 'count(*)'];
      return `insert into counts (app_id, dimension, step, at, key, n)
        select app_id, '${dimension}', ${step}, ${bucket(step)}, ${key}, ${n} from ${source} and app_id = 1
        group by 1, 2, 3, 4, 5 order by 4, 5`;
    }),
  );
  return [
    ...counts,
    `insert into signature_versions (app_id, signature, version, n, first_seen, last_seen)
      select 1, signature, version, count(*), min(at), max(at) from crashes where app_id = 1
      group by signature, version`,
    `insert into signature_instances (app_id, signature, instance, n, last_seen)
      select 1, signature, instance, count(*), max(at) from crashes where app_id = 1 group by signature, instance`,
    `insert into signatures (app_id, id, title, kind, exception_type, has_stack, first_seen, last_seen,
        crashes_total, instances)
      select 1, signature, 'TypeError in function ' || signature, 'exception', 'TypeError', 1, min(first_seen),
        max(last_seen), sum(n), (select count(*) from signature_instances as i where i.signature = v.signature)
      from signature_versions as v group by signature`,
    "insert into aliases (app_id, value, signature) select 1, 'v1:' || id, id from signatures",
    `insert into versions (app_id, version, first_seen, last_seen)
      select 1, version, min(first_seen), max(last_seen) from signature_versions group by version`,
    `insert into causes (app_id, id, kind, exception_type, signal, code, status)
      select 1, key, 'exception', 'TypeError', null, null, 'code:1' from counts
      where app_id = 1 and dimension = 'c' and step = 1440 group by key`,
    `insert into reports (app_id, hash, body, last_at)
      select 1, replace(id, 'group', 'report'), '${reportBody()}', last_seen from signatures`,
    `insert into instances (app_id, instance, state, cooldown_until, settings, state_order, crashes_in_window,
        window_at, worker_started_at, crashmon_version, every_ms, heartbeat_at, version, first_seen, last_seen,
        last_crash_at, crashes_total, lost_records, changes_kept)
      select 1, instance, 'watching', null, '3/86400000/28800000', max(last_seen) * 4, 1, max(last_seen),
        max(last_seen), '0.1.0', 300000, ${nowMs}, '2.19.0', ${nowMs - SEEDED.days * DAY_MS}, ${nowMs},
        max(last_seen), sum(n), 0, 0
      from signature_instances group by instance`,
  ];
}

/** A stack of forty frames, as JSON in an SQL literal. */
function reportBody(): string {
  const frames = Array.from({ length: 40 }, (_, index) => ({
    function: `Service.step${index}`,
    file: `src/services/service-${index % 7}.ts`,
    line: 10 + index,
    column: 14,
    module: null,
    inApp: index % 3 > 0,
    repeat: 1,
    trust: 'call-site',
  }));
  return JSON.stringify({
    ...{ schemaVersion: 3, kind: 'exception', exceptionType: 'TypeError', code: null, signal: null, frames },
    ...{
      causes: [],
      members: [],
      fault: null,
      otherThreads: [],
      runtime: { name: 'node', version: '24.0.0' },
      source: 'capture',
      problems: [],
    },
  });
}
