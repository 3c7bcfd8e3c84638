import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pruneRegularly } from '../../../src/portal/start/prune-regularly.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 25, 12);
const LATER = NOW + 60 * DAY;
const OLD = 1_200;

onBothDatabases((fresh) => {
  test('what is too old goes by itself while crashes come in; counts of days, groups and notes stay', async () => {
    await using directory = await temporaryDirectory('store');
    const databaseUrl = await fresh();
    let now = NOW;
    const place = { databaseUrl, dataDir: directory.path, retentionDays: 30 };
    const store = await openPortalStore(place, () => now);
    try {
      const old = Array.from({ length: OLD }, (_, index) =>
        sent(crashRecord(`old${index}`, NOW - (index % 20) * DAY)),
      );
      await store.write([...old, sent(captureRecord('old0', NOW))]);
      const [group] = await store.signatures('shop', { fromMs: NOW - 30 * DAY, toMs: NOW + 1 }, 1, NOW);
      await store.setNote('shop', group?.id ?? '', 'seen before');
      now = LATER;
      const log = { warn: (...words: unknown[]) => assert.fail(String(words)) } as never;
      await using _pruning = pruneRegularly(store, { now: () => now, log });
      let written = 0;
      do {
        await store.write([sent(crashRecord(`new${written}`, LATER - written))]);
        written++;
      } while ((await countOf(store)) > written);
      assert.equal(await store.crash('shop', 'old0'), null);
      assert.equal(await countOf(store), written);
      const range = { fromMs: LATER - 100 * DAY, toMs: LATER + 1 };
      const { series } = await store.timeline('shop', range, DAY);
      const counted = series.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);
      assert.equal(counted, OLD + written);
      assert.equal((await store.signature('shop', group?.id ?? '', LATER))?.note, 'seen before');
    } finally {
      await store.close();
    }
  });
});

/** Crashes that are there, by looking at each. */
async function countOf(store: PortalStore): Promise<number> {
  const range = { fromMs: NOW - 100 * DAY, toMs: LATER + DAY };
  let count = 0;
  let after: string | undefined;
  do {
    const page = await store.crashes('shop', { range }, 1_000, after);
    count += page.items.length;
    after = page.next ?? undefined;
  } while (after !== undefined);
  return count;
}
