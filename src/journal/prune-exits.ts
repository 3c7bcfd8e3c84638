import type { DatabaseSync } from 'node:sqlite';

const KEPT_EXITS = 10_000;
/** In a loop of crashes that print their stack each has a report, of 2 to 60 kB. */
const KEPT_REPORT_BYTES = 8 * 1024 * 1024;
const PRUNED_AT_ONCE = 200;

/**
 * Deletes the oldest exits, with their reports, in small steps: at least as many as came.
 * @param added exits since the last call
 */
export function pruneExits(database: DatabaseSync, added: number): void {
  const atOnce = Math.max(PRUNED_AT_ONCE, 2 * added);
  // Counted: storing a run again uses up a `seq`.
  const count = Number(database.prepare('SELECT count(*) AS count FROM runs').get()?.count);
  const tooMany =
    'DELETE FROM runs WHERE seq IN (SELECT seq FROM runs WHERE died IS NOT NULL ORDER BY seq LIMIT ?)';
  if (count > KEPT_EXITS) database.prepare(tooMany).run(Math.min(count - KEPT_EXITS, atOnce));
  const bytes = 'octet_length(report)';
  const total = database.prepare(`SELECT sum(${bytes}) AS bytes FROM reports`).get();
  if (Number(total?.bytes) <= KEPT_REPORT_BYTES) return;
  // A captured one explains a crash loop, and comes once in hours.
  const kept = `sum(${bytes}) OVER (ORDER BY captured DESC, seq DESC)`;
  const tooMuch =
    `DELETE FROM runs WHERE seq IN (SELECT seq FROM (SELECT seq, ${kept} AS kept FROM runs JOIN reports ON run_id = id) ` +
    'WHERE kept > ? ORDER BY kept DESC LIMIT ?)';
  database.prepare(tooMuch).run(KEPT_REPORT_BYTES, atOnce);
}
