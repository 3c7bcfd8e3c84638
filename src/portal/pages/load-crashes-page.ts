import { CrashmonError } from '../../model/crashmon-error.ts';
import { knownCausesOf } from '../insight/known-causes-of.ts';
import { rangeChoice, timeRange } from '../insight/ranges.ts';
import type { CrashEvent, PortalStore } from '../store/portal-store.ts';
import type { CrashesPageData } from './crashes-page.ts';

/** How many crashes people choose from; history has all. */
const CHOICES = 50;

/**
 * @param wanted uid of the crash to show, else the newest that was captured
 * @throws CrashmonError NO_SUCH_CRASH
 */
export async function loadCrashesPage(
  store: PortalStore,
  app: string,
  query: { range?: string | undefined; crash?: string | undefined },
  nowMs: number,
): Promise<CrashesPageData> {
  const chosen = rangeChoice(query.range);
  const range = timeRange(chosen, nowMs);
  const [causes, timeline, instances, signatures, captured, counted] = await Promise.all([
    store.causes(app, range, 12),
    store.timeline(app, range, chosen.bucketMs),
    store.instances(app, nowMs),
    store.signatures(app, range, 50, nowMs),
    store.crashes(app, { range, hasReport: true }, CHOICES),
    store.crashes(app, { range, hasReport: false }, CHOICES),
  ]);
  const uid = query.crash ?? captured.items[0]?.uid ?? counted.items[0]?.uid;
  const crash = uid === undefined ? null : await store.crash(app, uid);
  if (crash === null && query.crash !== undefined) {
    throw new CrashmonError(
      'NO_SUCH_CRASH',
      'There is no such crash. It may have been removed with its retention.',
    );
  }
  return {
    ...{ app, range: chosen, causes, timeline, instances, signatures, crash },
    captured: crash?.hasReport ? withEvent(captured, crash) : captured,
    counted: crash !== null && !crash.hasReport ? withEvent(counted, crash) : counted,
    knownCauses: crash === null ? [] : knownCausesOf(crash),
  };
}

/** One that was asked for can be chosen even if it is older than the others. */
function withEvent<Choices extends { items: CrashEvent[] }>(choices: Choices, event: CrashEvent): Choices {
  const isThere = choices.items.some(({ uid }) => uid === event.uid);
  return isThere ? choices : { ...choices, items: [...choices.items, event] };
}
