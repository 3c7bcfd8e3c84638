import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { KnownCause } from '../../src/explain/known-causes/known-cause.ts';
import { knownCauses } from '../../src/explain/known-causes/known-causes.ts';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import type { RedactedReport } from '../../src/model/redacted-report.ts';
import { parseRedactedReport } from '../../src/privacy/parse-redacted-report.ts';
import { type Signature, signatureOf } from '../../src/signature/signature.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { processesMarked } from './leftovers.ts';

/** Analyses run at the lowest priority: on a busy machine they wait (scripts/hurry-analyses.ts). */
const DEADLINE_MS = 300_000;

/** What `crashmon show --json` prints. */
export type ShownReport = RedactedReport & {
  signature: Pick<Signature, 'values' | 'title'>;
  knownCauses: readonly KnownCause[];
};

/**
 * The newest report of the one app, or that of an exit, once its analysis, which can outlive crashmon, has stored it.
 */
export async function untilReported(stateDir: string, id?: string): Promise<RedactedReport> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    for (const { directory } of listJournals(stateDir)) {
      using journal = openJournalReadOnly(directory);
      const json = journal?.report(id ?? journal.newestReported()?.id ?? '') ?? null;
      if (json !== null) return parseRedactedReport(JSON.parse(json));
    }
    // Another process stores it: there is no event.
    if (performance.now() > deadline) {
      throw new Error(`no report after ${DEADLINE_MS} ms in ${stateDir}: ${reasonsIn(stateDir)}`);
    }
    await delay(50);
  }
}

/** What was recorded, whether its evidence or its log is there, and what still works on it. */
function reasonsIn(stateDir: string): string {
  const files = readdirSync(stateDir, { recursive: true, encoding: 'utf8' });
  const working = processesMarked(stateDir).map(
    ({ pid, commandLine }) => `${pid} ${readProcessStat(pid)?.state} ${commandLine.slice(0, 200)}`,
  );
  const exits = listJournals(stateDir).flatMap(({ directory }) => {
    using journal = openJournalReadOnly(directory);
    return journal?.exits({ limit: 100 }) ?? [];
  });
  const known = exits.map(({ status, verdict, reported }) => ({ status, verdict, reported }));
  return JSON.stringify({ exits: known, files, working }, null, 1);
}

/** The same, as `crashmon show --json` prints it; without its start. */
export async function untilShown(stateDir: string, id?: string): Promise<ShownReport> {
  const report = await untilReported(stateDir, id);
  for (const { directory } of listJournals(stateDir)) {
    using journal = openJournalReadOnly(directory);
    const exit = journal?.exits({ limit: 10_000 }).find((each) => each.id === report.id);
    if (exit === undefined) continue;
    const facts = { ...report, status: exit.status };
    const { values, title } = { ...signatureOf(facts), ...journal?.groupOf(exit.id) };
    return { ...report, signature: { values, title }, knownCauses: knownCauses(facts) };
  }
  throw new Error(`no exit ${report.id} in ${stateDir}`);
}
