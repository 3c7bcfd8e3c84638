import type { DatabaseSync } from 'node:sqlite';
import { CrashmonError } from '../model/crashmon-error.ts';

/** Forward only: a migration that was released is never edited, a new one is added below it. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     started TEXT NOT NULL,
     pid INTEGER,
     pid_start_ticks INTEGER,
     armed INTEGER NOT NULL,
     command_hash TEXT NOT NULL,
     died TEXT,
     status TEXT,
     verdict TEXT,
     crashes_in_window INTEGER,
     captured INTEGER NOT NULL DEFAULT 0,
     analysis_problem TEXT
   ) STRICT;
   CREATE INDEX open_runs ON runs (seq) WHERE died IS NULL;
   CREATE TABLE reports (
     run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
     report TEXT NOT NULL
   ) STRICT;
   CREATE TABLE documents (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  // The database itself keeps the totals: an exit must not wait for its outbox to be counted.
  `CREATE TABLE outbox (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     uid TEXT NOT NULL UNIQUE,
     worth INTEGER NOT NULL,
     version TEXT,
     record TEXT NOT NULL,
     back_after_ms INTEGER
   ) STRICT;
   CREATE INDEX outbox_by_worth ON outbox (worth, seq);
   CREATE TABLE outbox_totals (records INTEGER NOT NULL, bytes INTEGER NOT NULL, lost INTEGER NOT NULL) STRICT;
   INSERT INTO outbox_totals VALUES (0, 0, 0);
   CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
     UPDATE outbox_totals SET records = records + 1, bytes = bytes + octet_length(NEW.record);
   END;
   CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN
     UPDATE outbox_totals SET records = records - 1, bytes = bytes - octet_length(OLD.record);
   END;`,
  `CREATE TABLE news (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     uid TEXT NOT NULL UNIQUE,
     version TEXT,
     record TEXT NOT NULL
   ) STRICT;
   CREATE TABLE episodes (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE notices (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE deliveries (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     notice_id TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
     receiver TEXT NOT NULL,
     document TEXT NOT NULL,
     owner TEXT,
     ended INTEGER NOT NULL DEFAULT 0,
     UNIQUE (notice_id, receiver)
   ) STRICT;
   CREATE INDEX open_deliveries ON deliveries (seq) WHERE ended = 0;`,
  // Reasons and problems are codes from here on. Older rows stay: `model/history` reads their sentences.
  // An episode names its crashes and no longer repeats what the journal has of them.
  `UPDATE episodes SET document = json_object(
     'episode', json(replace(replace(document ->> '$.episode', '"told":', '"notified":'), '"tellByMs":', '"notifyByMs":')),
     'kind', document ->> '$.kind',
     'version', document ->> '$.version',
     'crashUid', document ->> '$.crashId',
     'reportUid', document ->> '$.capturedId',
     'firstAtMs', document ->> '$.episode.openedAtMs',
     'lastAtMs', document ->> '$.episode.lastCrashAtMs',
     'isLate', json('false'),
     'wakeMs', NULL,
     'groups', document -> '$.looks',
     'stackSent', document -> '$.toldStack');
   UPDATE episodes SET document = json_set(json_remove(document, '$.stackSent'),
     '$.episode.stackSent', document -> '$.stackSent',
     '$.episode.awaited', json('[]'));
   -- News and captures to send refer to exits and reports instead of copying them. An agent of the previous version may
   -- still run: what it inserts stays valid.
   ALTER TABLE reports ADD COLUMN signatures TEXT;
   ALTER TABLE reports ADD COLUMN title TEXT;
   UPDATE reports SET (signatures, title) = (
     SELECT json_extract(record, '$.signatures'), json_extract(record, '$.title') FROM news
     WHERE substr(uid, 13) = reports.run_id || '-c'
   );
   ALTER TABLE news ADD COLUMN run_id TEXT GENERATED ALWAYS AS (substr(uid, 13, 12)) VIRTUAL;
   UPDATE news SET record = '';
   ALTER TABLE outbox ADD COLUMN report_of TEXT REFERENCES reports (run_id) ON DELETE CASCADE;
   CREATE INDEX outbox_reports ON outbox (report_of) WHERE report_of IS NOT NULL;
   ALTER TABLE outbox ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
   UPDATE outbox SET bytes = octet_length(record);
   DROP TRIGGER outbox_added;
   DROP TRIGGER outbox_removed;
   CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
     UPDATE outbox_totals SET records = records + 1, bytes = bytes + NEW.bytes;
   END;
   CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN
     UPDATE outbox_totals SET records = records - 1, bytes = bytes - OLD.bytes;
   END;
   CREATE TRIGGER report_removed BEFORE DELETE ON reports BEGIN
     UPDATE outbox_totals SET lost = lost + (SELECT count(*) FROM outbox WHERE report_of = OLD.run_id);
   END;`,
  // Deaths of workers below a master are exits like others.
  `ALTER TABLE runs ADD COLUMN process TEXT;
   ALTER TABLE runs ADD COLUMN replaced_after_ms INTEGER;`,
  'ALTER TABLE runs ADD COLUMN impact TEXT',
  // Receipts: what was sent about crashes, as it was sent.
  `CREATE TABLE sent (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     uid TEXT NOT NULL,
     what TEXT NOT NULL,
     crashes TEXT NOT NULL,
     from_at INTEGER,
     until_at INTEGER,
     destination TEXT NOT NULL,
     content TEXT NOT NULL,
     source TEXT,
     first_at INTEGER NOT NULL,
     last_at INTEGER NOT NULL,
     times INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     outcome TEXT
   ) STRICT;
   CREATE INDEX sent_by_uid ON sent (uid);`,
];

/** `user_version` of a database that this build understands. */
const SCHEMA_VERSION = MIGRATIONS.length;

/** The first that has an outbox. */
export const SCHEMA_WITH_OUTBOX = 2;

/** The first with notifications. */
export const SCHEMA_WITH_NOTIFICATIONS = 3;

/** The first with receipts. */
export const SCHEMA_WITH_RECEIPTS = 7;

export function schemaVersion(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get();
  return Number(row?.user_version ?? 0);
}

/** @throws CrashmonError JOURNAL_TOO_NEW */
export function refuseNewerSchema(version: number, path: string): void {
  if (version <= SCHEMA_VERSION) return;
  const message = `The journal ${path} was written by a newer crashmon (schema ${version}): update this one.`;
  throw new CrashmonError('JOURNAL_TOO_NEW', message);
}

/**
 * Brings the schema up to date. Two processes can do so at once: one gets the write lock, the other then finds nothing
 * left to do.
 */
export function migrate(database: DatabaseSync, path: string): void {
  const found = schemaVersion(database);
  refuseNewerSchema(found, path);
  if (found === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = schemaVersion(database);
    refuseNewerSchema(version, path);
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
