import { randomBytes } from 'node:crypto';
import { publishRecord } from '../../src/privacy/publish-record.ts';
import { logsRequest } from '../../src/uplink/logs-request.ts';
import { crashRecord } from '../../test/support/portal/records.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { spreadOf } from '../report/statistics.ts';
import { DIALECTS, type Dialect, makePlaces, type PortalPlaces } from '../subjects/portal-place.ts';
import { type BenchPortal, startPortal } from '../subjects/portal-process.ts';
import { SEEDED } from '../subjects/portal-seed.ts';

const CRASHES = { smoke: 1, quick: 5, full: 30 } as const;
const DEADLINE_MS = 30_000;

export const portalLive: Measurement = {
  name: 'portal-live',
  about: 'From sending a crash until an open page was notified and has fetched it',
  async *measure({ scale, progress, packageCli }) {
    await using places = await makePlaces(packageCli);
    for (const dialect of DIALECTS) {
      progress(dialect);
      const tookMs = await measure(places, dialect, CRASHES[scale]);
      yield {
        what: `${dialect}: crash to page`,
        unit: 'ms',
        measured: spreadOf(tookMs),
        noise: null,
        target: { atMost: 1_000 },
      } satisfies Finding;
    }
  },
};

async function measure(places: PortalPlaces, dialect: Dialect, crashes: number): Promise<number[]> {
  await using portal = await startPortal(await places.fresh(dialect), places.cli);
  await sendCrash(portal, newUid());
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(DEADLINE_MS + 2_000 * crashes)]);
  const live = await fetch(`${portal.url}/live?app=${SEEDED.app}`, {
    headers: { cookie: portal.cookie },
    signal,
  });
  const changes = changesOf(live);
  await changes.next();
  const tookMs: number[] = [];
  for (let number = 0; number < crashes; number++) {
    // Not in step with the portal's polling.
    await new Promise((resolve) => setTimeout(resolve, 500 * Math.random()));
    const uid = newUid();
    const startMs = performance.now();
    await sendCrash(portal, uid);
    do await changes.next();
    while (!(await shows(portal, uid)));
    tookMs.push(performance.now() - startMs);
  }
  over.abort();
  return tookMs;
}

async function sendCrash({ url, token }: BenchPortal, uid: string): Promise<void> {
  const source = { app: SEEDED.app, instance: 'web-1', crashmonVersion: '0.1.0' };
  const record = crashRecord(uid, Date.now(), { crashId: '0123456789ab' });
  const body = JSON.stringify(logsRequest(source, [{ version: '1.0.0', record: publishRecord(record) }]));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/logs`, { method: 'POST', headers, body });
  if (response.status !== 200 || (await response.text()) !== '{}') throw new Error('the crash was refused');
}

/** As the page does after an event: fetches again, until the crash is listed. */
async function shows({ url, cookie }: BenchPortal, uid: string): Promise<boolean> {
  const response = await fetch(`${url}/apps/${SEEDED.app}`, { headers: { cookie } });
  return (await response.text()).includes(uid);
}

async function* changesOf(response: Response): AsyncGenerator<void> {
  if (response.body === null) throw new Error('no events');
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    if (chunk.includes('event: change')) yield;
  }
  throw new Error('the stream of events ended');
}

/** As agents make them: 24 hex digits. */
function newUid(): string {
  return randomBytes(12).toString('hex');
}
