import { readFileSync } from 'node:fs';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../../src/journal/open-journal-read-only.ts';
import type { StoredExit } from '../../../src/journal/run-rows.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { withStore } from '../../support/portal/start-portal.ts';
import { type AppService, UNRECORDED } from '../system/app-service.ts';
import type { Deed } from '../system/effects.ts';
import type { Service } from '../system/service.ts';
import type { System } from '../system/system.ts';
import { uptimeS } from '../system/uptime.ts';
import { belowLives } from './below-lives.ts';
import { judgeAgent } from './judge-agent.ts';
import { type AppEvidence, type AppResult, judgeApp, type Span } from './judge-app.ts';
import { type BelowResult, judgeBelow } from './judge-below.ts';
import { judgeWatched, type WatchedResult } from './judge-watched.ts';
import { type KernelDeath, parseKernelDeaths } from './kernel-deaths.ts';
import { unrecordedSpans } from './unrecorded.ts';
import { workerLives } from './worker-lives.ts';

/** `below` is of the workers below its masters; null if it has no masters. */
type Result = (AppResult | WatchedResult) & { below: BelowResult | null };

/** Compares what crashmon and portal say of each app with what its workers and the kernel (a file of acct(5)) noted. */
export async function judgeAll(
  { apps, agent, portalPlace, stateDir }: System,
  deeds: readonly Deed[],
  kernelDeaths: string,
): Promise<{ results: Result[]; violations: string[] }> {
  const bootedS = Date.now() / 1_000 - uptimeS();
  const kernel = parseKernelDeaths(readFileSync(kernelDeaths), bootedS);
  const results = await withStore(portalPlace, async (store) => {
    const results = [];
    for (const app of apps) {
      const journals = journalsOf(stateDir, app);
      results.push(judge(app, deeds, kernel, journals, await portalOf(app, journals, store)));
    }
    return results;
  });
  const ofAgent = judgeAgent(agent.lives, stopsOf(agent, deeds), done(deeds, 'disk-trouble', null));
  return { results, violations: [...results.flatMap(({ violations }) => violations), ...ofAgent] };
}

function judge(
  app: AppService,
  deeds: readonly Deed[],
  kernel: readonly KernelDeath[],
  { instances, missed, missedBelow }: Journals,
  portal: AppEvidence['portal'],
): Result {
  const { plan, service, traces } = app;
  const exits = instances.flatMap((instance) => instance.exits);
  const crashmons = service.lives.map(({ fromS, toS, ending, output }) => {
    const said = readFileSync(output, 'utf8');
    return {
      ...{ fromS, toS, ending, started: startsIn(said) },
      saidUnrecorded: !plan.watched && said.includes(UNRECORDED),
    };
  });
  const stops = stopsOf(service, deeds);
  const announced = new Set(crashmons.flatMap(({ started }) => started));
  const unrecorded = unrecordedSpans(crashmons, deeds);
  const ended = crashmons.flatMap(({ toS }) => (toS === null ? [] : [{ fromS: toS, toS }]));
  const troubles = [...ended, ...stops, ...unrecorded];
  const lives = workerLives(
    { starts: app.noted('starts'), deaths: app.noted('deaths'), calmed: app.noted('calmed') },
    kernel,
  );
  const signaled = new Set(done(deeds, 'worker-signaled', plan.name).flatMap(({ pid }) => pid ?? []));
  const all = { plan, lives, kernel, exits, portal, signaled };
  const helpers = done(deeds, 'helper-killed', null);
  const result = plan.watched
    ? judgeWatched({
        ...{ ...all, missed, traces: traces?.all ?? [], helpers, troubles },
        instances: instances.map((instance) => instance.exits),
      })
    : judgeApp({ ...all, crashmons, stops, announced, unrecorded });
  if (plan.below === null) return result;
  const { violations, ...below } = judgeBelow({
    ...{ masters: lives, kernel, exits, missed: missedBelow, plan, troubles },
    lives: belowLives({ starts: app.noted('below-starts'), deaths: app.noted('below-deaths') }, kernel),
  });
  return { ...result, below, violations: [...result.violations, ...violations] };
}

/** On a busy machine it can take a while until one that is asked to end does so. */
function stopsOf({ name, lives }: Service, deeds: readonly Deed[]): Span[] {
  return done(deeds, 'stop-asked', name).map(({ fromS, toS }) => {
    const asked = lives.findLast((life) => life.fromS <= fromS);
    return { fromS, toS: Math.max(toS, asked?.toS ?? Number.POSITIVE_INFINITY) };
  });
}

/** Process IDs in the events of a crashmon. */
function startsIn(said: string): number[] {
  return [...said.matchAll(/"event":"started".*?"pid":(\d+)/g)].map(([, pid]) => Number(pid));
}

function done(deeds: readonly Deed[], what: Deed['what'], to: string | null): (Deed & Span)[] {
  return deeds.filter((deed) => deed.what === what && deed.to === to);
}

/** What the portal has of an app. */
async function portalOf(
  { plan: { name } }: AppService,
  { instances }: Journals,
  store: PortalStore,
): Promise<AppEvidence['portal']> {
  const all = { range: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } };
  const uids: string[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await store.crashes(name, all, 500, ...(after === '' ? [] : [after]));
    uids.push(...page.items.map(({ uid }) => uid));
    after = page.next ?? undefined;
  }
  let counted = 0;
  for (const { name: instance } of instances)
    counted += (await store.instance(name, instance, Date.now()))?.crashesTotal ?? 0;
  return { uids, counted };
}

/** Exits are newest first; `missed` are ends that were only counted, of the main process and of workers below a master. */
type Journals = {
  instances: readonly { name: string; exits: StoredExit[] }[];
  missed: number;
  missedBelow: number;
};

export function journalsOf(stateDir: string, { plan }: AppService): Journals {
  const all: Journals = { instances: [], missed: 0, missedBelow: 0 };
  const instances = listJournals(stateDir).filter(({ app }) => app === plan.name);
  return instances.reduce((sum, { directory }) => {
    using journal = openJournalReadOnly(directory);
    if (journal === null) return sum;
    const one = {
      name: journal.identity()?.instance ?? '',
      exits: journal.exits({ limit: 1_000_000 }) ?? [],
    };
    return {
      instances: [...sum.instances, one],
      missed: sum.missed + (journal.missed()?.count ?? 0),
      missedBelow: sum.missedBelow + (journal.missedWorkers()?.count ?? 0),
    };
  }, all);
}

/** One line. */
export function resultLine({ app, violations, below, ...numbers }: Result): string {
  const textOf = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  const workers = below === null ? '' : `; workers below its masters: ${textOf(below)}`;
  return `${app}: ${textOf(numbers)}${workers}${violations.length > 0 ? `, ${violations.length} violations` : ''}`;
}
