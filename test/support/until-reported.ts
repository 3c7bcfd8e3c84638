import { setTimeout as delay } from 'node:timers/promises';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import type { RedactedReport } from '../../src/model/redacted-report.ts';
import { parseRedactedReport } from '../../src/privacy/parse-redacted-report.ts';
import { crashmon } from './crashmon.ts';

/** Analyses run at the lowest priority: on a busy machine they wait. */
const DEADLINE_MS = 300_000;

/** What `crashmon show --json` prints. */
export type ShownReport = RedactedReport & {
  signature: { values: string[]; title: string };
  knownCauses: { id: string; steps: string[] }[];
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
    if (performance.now() > deadline) throw new Error(`no report after ${DEADLINE_MS} ms in ${stateDir}`);
    await delay(20);
  }
}

/** The same as users see it. */
export async function untilShown(stateDir: string, id?: string): Promise<ShownReport> {
  await untilReported(stateDir, id);
  const { code, stdout, stderr } = await crashmon(['show', ...(id === undefined ? [] : [id]), '--json'], {
    stateDir,
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
