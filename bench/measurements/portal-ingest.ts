import { memoryOf } from '../processes/process-usage.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { median, spreadOf } from '../report/statistics.ts';
import { type Load, startLoad } from '../subjects/portal-load.ts';
import {
  bytesOnDisk,
  DIALECTS,
  type Dialect,
  makePlaces,
  type PortalPlaces,
} from '../subjects/portal-place.ts';
import { startPortal } from '../subjects/portal-process.ts';
import type { SeedPlace } from '../subjects/portal-seed.ts';

const SCALES = {
  smoke: { rounds: 1, ms: 200, warmUpMs: 100 },
  quick: { rounds: 2, ms: 2_000, warmUpMs: 2_000 },
  full: { rounds: 5, ms: 5_000, warmUpMs: 2_000 },
} as const;
/** Bugsink's published figure for two virtual processors and 4 GB: docs/benchmarks.md. */
const BUGSINK_PER_SECOND = 30;
const LEAST: Record<Dialect, number> = { SQLite: 5_000, PostgreSQL: 2_000 };

/** As agents send after an outage: many crashes per request, JSON and gzip. */
const CRASHES = { kind: 'crash', connections: 16, crashesPerRequest: 100, perSecond: null } as const;
/** One crash per request. */
const CAPTURES = { kind: 'capture', connections: 32, crashesPerRequest: 1, perSecond: null } as const;

type Sample = { crashes: number[]; captures: number[]; rssMb: number[]; bytesPerCrash: number };

export const portalIngest: Measurement = {
  name: 'portal-ingest',
  about: 'Crashes over HTTP into the database, durable before the answer, their sender on the same machine',
  async *measure({ scale, progress, packageCli }) {
    await using places = await makePlaces(packageCli);
    for (const dialect of DIALECTS) {
      progress(dialect);
      yield* findingsOf(dialect, await measure(places, dialect, scale));
    }
  },
};

async function measure(places: PortalPlaces, dialect: Dialect, scale: Scale): Promise<Sample> {
  const { rounds, ms, warmUpMs } = SCALES[scale];
  const place = await places.fresh(dialect);
  const send = async (load: Omit<Load, 'ms'>, times: number) => {
    await using portal = await startPortal(place, places.cli);
    await using sender = await startLoad(portal);
    // Until the code is optimized.
    await sender.send({ ...load, ms: warmUpMs });
    const results = [];
    for (let round = 0; round < times; round++) results.push(await sender.send({ ...load, ms }));
    if (results.some(({ refused }) => refused > 0)) throw new Error('the portal refused what was sent');
    return { results, rssMb: memoryOf([portal.pid]).rssMb };
  };
  await send(CRASHES, 0);
  const before = await bytesOnDisk(place);
  const counted = await crashesIn(place);
  const crashes = await send(CRASHES, rounds);
  const after = await bytesOnDisk(place);
  const stored = (await crashesIn(place)) - counted;
  const captures = await send(CAPTURES, rounds);
  return {
    crashes: crashes.results.map(({ perSecond }) => perSecond),
    captures: captures.results.map(({ perSecond }) => perSecond),
    rssMb: [crashes.rssMb, captures.rssMb],
    bytesPerCrash: (after - before) / stored,
  };
}

/** As the store counts them. */
async function crashesIn(place: SeedPlace): Promise<number> {
  const { openPortalStore } = await import('../../src/portal/store/open-portal-store.ts');
  const store = await openPortalStore({ ...place, retentionDays: 90 });
  try {
    const [app] = await store.apps('*', Date.now());
    return app?.days.reduce((sum, count) => sum + count, 0) ?? 0;
  } finally {
    await store.close();
  }
}

function findingsOf(dialect: Dialect, { crashes, captures, rssMb, bytesPerCrash }: Sample): Finding[] {
  const finding = (what: string, unit: Finding['unit'], values: readonly number[]): Finding => ({
    what: `${dialect}: ${what}`,
    unit,
    measured: spreadOf(values),
    noise: null,
    target: null,
  });
  return [
    { ...finding('crashes', '/s', crashes), noise: strayOf(crashes), target: { atLeast: LEAST[dialect] } },
    { ...finding('crashes with a report, 50 kB', '/s', captures), noise: strayOf(captures) },
    {
      ...finding('the same against 30 a second, as Bugsink publishes', '×', captures.map(perBugsink)),
      target: { atLeast: 10 },
    },
    { ...finding('resident memory meanwhile', 'MB', rssMb), target: { atMost: 200 } },
    { ...finding('on disk, a crash of a known signature', 'B', [bytesPerCrash]), target: { atMost: 1_000 } },
  ];
}

const perBugsink = (perSecond: number): number => perSecond / BUGSINK_PER_SECOND;

/** Largest deviation of a round from the median. */
const strayOf = (values: readonly number[]): number =>
  Math.max(...values.map((value) => Math.abs(value - median(values))));
