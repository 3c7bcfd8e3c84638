import { memoryOf } from '../processes/process-usage.ts';
import type { Bench, Finding, Measurement, Scale } from '../report/finding.ts';
import { percentile, spreadOf } from '../report/statistics.ts';
import { startLoad } from '../subjects/portal-load.ts';
import { DIALECTS, type Dialect, makePlaces, type PortalPlaces } from '../subjects/portal-place.ts';
import { type BenchPortal, startPortal } from '../subjects/portal-process.ts';
import { SEEDED, seedCrashes } from '../subjects/portal-seed.ts';

/** Half of the portal's target rate of crashes. */
const HALF_RATE: Record<Dialect, number> = { SQLite: 2_500, PostgreSQL: 1_000 };
const PAGE = `/apps/${SEEDED.app}`;
/** The portal allows twenty pages per second and address. */
const BETWEEN_MS = 60;

type Size = { crashes: number; words: string; atMostMs: number };
const MILLION: Record<Scale, Size> = {
  smoke: { crashes: 2_000, words: '2,000 crashes', atMostMs: 50 },
  quick: { crashes: 100_000, words: '100,000 crashes', atMostMs: 50 },
  full: { crashes: 1_000_000, words: '1 million crashes', atMostMs: 50 },
};
const TEN_MILLION: Record<Scale, Size> = {
  smoke: { crashes: 4_000, words: '4,000 crashes', atMostMs: 150 },
  quick: { crashes: 1_000_000, words: '1 million crashes', atMostMs: 150 },
  full: { crashes: 10_000_000, words: '10 million crashes', atMostMs: 150 },
};

const PAGES: Record<Scale, number> = { smoke: 3, quick: 40, full: 150 };

type Sample = { coldMs: number; pagesMs: number[]; accountMs: number[]; perSecond: number; rssMb: number };

export const portalPages: Measurement = {
  name: 'portal-pages',
  about:
    'Application Crashes over HTTP while crashes come in at half the rate, 200 signatures, 500 instances',
  measure: (bench) => measureAll(bench, MILLION[bench.scale]),
};

/** Takes minutes to fill its databases, and 10 GB of disk. */
export const portalPagesHuge: Measurement = {
  name: 'portal-pages-huge',
  about: 'The same with ten times as many crashes in the database',
  measure: (bench) => measureAll(bench, TEN_MILLION[bench.scale]),
};

async function* measureAll({ scale, progress, packageCli }: Bench, size: Size): AsyncGenerator<Finding> {
  await using places = await makePlaces(packageCli);
  for (const dialect of DIALECTS) {
    progress(`${dialect}, ${size.words}`);
    yield* findingsOf(dialect, size, await measure(places, dialect, size, scale));
  }
}

async function measure(places: PortalPlaces, dialect: Dialect, size: Size, scale: Scale): Promise<Sample> {
  const place = await places.fresh(dialect);
  await seedCrashes(place, size.crashes);
  await using portal = await startPortal(place, places.cli);
  await using sender = await startLoad(portal);
  const coldMs = await look(portal, PAGE);
  const pages = PAGES[scale];
  // Until the code is optimized.
  const warmUp = scale === 'smoke' ? 0 : 10;
  for (let number = 0; number < warmUp; number++) await look(portal, PAGE);
  const load = {
    kind: 'crash',
    connections: 8,
    crashesPerRequest: 50,
    perSecond: HALF_RATE[dialect],
  } as const;
  const sendMs = scale === 'smoke' ? 100 : 2_000;
  let isOver = false;
  const sending = (async () => {
    const results = [];
    while (!isOver) results.push(await sender.send({ ...load, ms: sendMs }));
    return results;
  })();
  const pagesMs: number[] = [];
  const accountMs: number[] = [];
  for (let number = 0; number < pages; number++) {
    pagesMs.push(await look(portal, PAGE));
    accountMs.push(await look(portal, '/account'));
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  isOver = true;
  const results = await sending;
  if (results.some(({ refused }) => refused > 0)) throw new Error('the portal refused what was sent');
  const perSecond = results.reduce((sum, result) => sum + result.perSecond, 0) / results.length;
  return { coldMs, pagesMs, accountMs, perSecond, rssMb: memoryOf([portal.pid]).rssMb };
}

async function look({ url, cookie }: BenchPortal, path: string): Promise<number> {
  const startMs = performance.now();
  const response = await fetch(url + path, { headers: { cookie } });
  const text = await response.text();
  const tookMs = performance.now() - startMs;
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  if (path === PAGE && !text.includes('TypeError in function')) throw new Error('the page shows no crashes');
  return tookMs;
}

function findingsOf(dialect: Dialect, size: Size, sample: Sample): Finding[] {
  const { coldMs, pagesMs, accountMs, perSecond, rssMb } = sample;
  const finding = (what: string, unit: Finding['unit'], value: number): Finding => ({
    what: `${dialect}, ${size.words}: ${what}`,
    unit,
    measured: spreadOf([value]),
    noise: null,
    target: null,
  });
  return [
    { ...finding('page, median', 'ms', percentile(pagesMs, 0.5)), measured: spreadOf(pagesMs) },
    {
      ...finding('page, 95th percentile', 'ms', percentile(pagesMs, 0.95)),
      // A minimal request at the same moments.
      noise: percentile(accountMs, 0.95),
      target: { atMost: size.atMostMs },
    },
    finding('first page of a portal that has just started', 'ms', coldMs),
    finding('crashes stored meanwhile', '/s', perSecond),
    { ...finding('resident memory meanwhile', 'MB', rssMb), target: { atMost: 200 } },
  ];
}
