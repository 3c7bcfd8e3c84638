import { readFileSync } from 'node:fs';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../../src/journal/open-journal-read-only.ts';
import type { StoredExit } from '../../../src/journal/run-rows.ts';
import { withStore } from '../../support/portal/start-portal.ts';
import { INSTANCE, UNRECORDED } from '../system/app-service.ts';
import type { Deed } from '../system/effects.ts';
import type { System } from '../system/system.ts';
import { uptimeS } from '../system/uptime.ts';
import { belowLives } from './below-lives.ts';
import { type AppResult, judgeApp, type Span } from './judge-app.ts';
import { judgeBelow } from './judge-below.ts';
import { parseKernelDeaths } from './kernel-deaths.ts';
import { unrecordedSpans } from './unrecorded.ts';
import { workerLives } from './worker-lives.ts';

/** Compares what crashmon and portal say of each app with what its workers and the kernel (a file of acct(5)) noted. */
export async function judgeAll(
  system: System,
  deeds: readonly Deed[],
  kernelDeaths: string,
): Promise<AppResult[]> {
  const bootedS = Date.now() / 1_000 - uptimeS();
  const kernel = parseKernelDeaths(readFileSync(kernelDeaths), bootedS);
  const all = { range: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } };
  return withStore(system.portalPlace, async (store) => {
    const results = [];
    for (const app of system.apps) {
      const { name } = app.plan;
      const uids: string[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page = await store.crashes(name, all, 500, ...(after === '' ? [] : [after]));
        uids.push(...page.items.map(({ uid }) => uid));
        after = page.next ?? undefined;
      }
      const instance = await store.instance(name, INSTANCE, Date.now());
      const of = (what: Deed['what']): (Deed & Span)[] =>
        deeds.filter((deed) => deed.what === what && deed.app === name);
      const lives = app.service.lives.map(({ fromS, toS, ending, output }) => ({
        ...{ fromS, toS, ending },
        saidUnrecorded: readFileSync(output, 'utf8').includes(UNRECORDED),
      }));
      const { exits, missed } = journalOf(system.stateDir, name);
      const stops = of('stop-asked');
      const unrecorded = unrecordedSpans(lives, deeds);
      const workers = workerLives(
        { starts: app.noted('starts'), deaths: app.noted('deaths'), calmed: app.noted('calmed') },
        kernel,
      );
      const result = judgeApp({
        ...{ plan: app.plan, lives: workers, kernel, exits, stops, unrecorded },
        portal: { uids, counted: instance?.crashesTotal ?? 0 },
        crashmons: lives,
        signaled: new Set(of('worker-signaled').flatMap(({ pid }) => pid ?? [])),
      });
      if (app.plan.below === null) {
        results.push(result);
        continue;
      }
      const ended = lives.flatMap(({ toS }) => (toS === null ? [] : [{ fromS: toS, toS }]));
      const { violations, ...below } = judgeBelow({
        ...{ masters: workers, kernel, exits, missed, plan: app.plan },
        lives: belowLives({ starts: app.noted('below-starts'), deaths: app.noted('below-deaths') }, kernel),
        troubles: [...ended, ...stops, ...unrecorded],
      });
      results.push({ ...result, below, violations: [...result.violations, ...violations] });
    }
    return results;
  });
}

/** @returns exits, newest first, and how many ends of workers below a master were only counted */
function journalOf(stateDir: string, app: string): { exits: StoredExit[]; missed: number } {
  const journals = listJournals(stateDir).filter((journal) => journal.app === app);
  const found = journals.map(({ directory }) => {
    using journal = openJournalReadOnly(directory);
    return {
      exits: journal?.exits({ limit: 1_000_000 }) ?? [],
      missed: journal?.missedWorkers()?.count ?? 0,
    };
  });
  return {
    exits: found.flatMap(({ exits }) => exits),
    missed: found.reduce((sum, { missed }) => sum + missed, 0),
  };
}

/** One line. */
export function resultLine({ app, violations, below, ...numbers }: AppResult): string {
  const textOf = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  const workers = below === null ? '' : `; workers below its masters: ${textOf(below)}`;
  return `${app}: ${textOf(numbers)}${workers}${violations.length > 0 ? `, ${violations.length} violations` : ''}`;
}
