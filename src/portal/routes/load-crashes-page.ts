import { nextSteps } from '../../explain/next-steps.ts';
import { factsOf } from '../../model/crash-facts.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { type RangeChoice, rangeChoice, timeRange } from '../insight/ranges.ts';
import { type CrashesPageData, MOST_SIGNATURES } from '../pages/crashes-page.ts';
import type { ReadStore } from '../store/portal-store.ts';
import type { CrashEvent } from '../store/read/crash-store.ts';

/** How many crashes people choose from; history has all. */
const CAPTURED = 50;
const COUNTED = 20;
/** All there are but for an app that invents them: their sum is how often it crashed. */
const MOST_CAUSES = 500;

export type Finding = Pick<
  CrashesPageData,
  'app' | 'range' | 'causes' | 'fleet' | 'captured' | 'counted' | 'crash' | 'instance' | 'dump' | 'next'
>;

/**
 * What was found out about an app in a range of time.
 *
 * @param wanted uid of the crash to show, else the newest that was captured
 * @throws CrashmonError NO_SUCH_CRASH
 */
export async function loadFinding(
  store: ReadStore,
  app: string,
  choice: RangeChoice,
  nowMs: number,
  wanted?: string,
): Promise<Finding> {
  const range = timeRange(choice, nowMs);
  const [causes, fleet, captured, counted, asked] = await Promise.all([
    store.causes(app, range, MOST_CAUSES),
    store.fleet(app, nowMs),
    store.crashes(app, { range, hasReport: true }, CAPTURED),
    store.crashes(app, { range, hasReport: false }, COUNTED),
    wanted === undefined ? null : store.crash(app, wanted),
  ]);
  const newest = captured.items[0]?.uid ?? counted.items[0]?.uid;
  const crash = wanted === undefined && newest !== undefined ? await store.crash(app, newest) : asked;
  if (crash === null && wanted !== undefined) {
    throw new CrashmonError(
      'NO_SUCH_CRASH',
      'There is no such crash. It may have been removed with its retention.',
    );
  }
  // As it is now: only where there is no stack is something said of it.
  const instance =
    crash === null || crash.hasReport ? null : await store.instance(app, crash.instance, nowMs);
  const dump = crash === null ? null : await store.dumpOf(app, crash.instance, crash.uid);
  return {
    ...{ app, range: choice, causes, fleet, crash, instance, dump },
    captured: crash?.hasReport ? withEvent(captured, crash) : captured,
    counted: crash !== null && !crash.hasReport ? withEvent(counted, crash) : counted,
    next: crash === null ? null : nextSteps(factsOf(crash)),
  };
}

/** @throws CrashmonError NO_SUCH_CRASH */
export async function loadCrashesPage(
  store: ReadStore,
  app: string,
  query: { range?: string | undefined; crash?: string | undefined },
  nowMs: number,
): Promise<CrashesPageData> {
  const choice = rangeChoice(query.range);
  const range = timeRange(choice, nowMs);
  const [finding, timeline, signatures] = await Promise.all([
    loadFinding(store, app, choice, nowMs, query.crash),
    store.timeline(app, range, choice.bucketMs),
    store.signatures(app, range, MOST_SIGNATURES, nowMs),
  ]);
  return { ...finding, timeline, signatures };
}

/** One that was asked for can be chosen even if it is older than the others. */
function withEvent<Choices extends { items: CrashEvent[] }>(choices: Choices, event: CrashEvent): Choices {
  const isThere = choices.items.some(({ uid }) => uid === event.uid);
  return isThere ? choices : { ...choices, items: [...choices.items, event] };
}
