import { randomBytes } from 'node:crypto';
import { publishRecord } from '../../src/privacy/publish-record.ts';
import { logsRequest } from '../../src/uplink/logs-request.ts';
import { crashRecord } from '../../test/support/portal/records.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { spreadOf } from '../report/statistics.ts';
import { DIALECTS, type Dialect, makePlaces, type PortalPlaces } from '../subjects/portal-place.ts';
import { type BenchPortal, startPortal } from '../subjects/portal-process.ts';
import { SEEDED } from '../subjects/portal-seed.ts';
import { watchedProcess } from '../subjects/watched-process.ts';

const CRASHES = { smoke: 1, quick: 5, full: 30 } as const;
const DEADLINE_MS = 30_000;

export const portalLive: Measurement = {
  name: 'portal-live',
  about:
    'From sending a crash, and from the exit of a process that crashmon agent watches, until an open page was notified and has fetched it',
  async *measure({ scale, progress, packageCli }) {
    await using places = await makePlaces(packageCli);
    for (const dialect of DIALECTS) {
      progress(dialect);
      yield finding(`${dialect}: crash to page`, await measure(places, dialect, CRASHES[scale]));
    }
    progress('agent');
    const tookMs = await measureAgent(places, await packageCli(), CRASHES[scale]);
    yield finding('process of crashmon agent: exit to page', tookMs);
  },
};

function finding(what: string, tookMs: readonly number[]): Finding {
  return { what, unit: 'ms', measured: spreadOf(tookMs), noise: null, target: { atMost: 1_000 } };
}

async function measure(places: PortalPlaces, dialect: Dialect, crashes: number): Promise<number[]> {
  await using portal = await startPortal(await places.fresh(dialect), places.cli);
  await sendCrash(portal, newUid());
  return await untilShown(portal, crashes, async () => {
    const uid = newUid();
    const startMs = performance.now();
    await sendCrash(portal, uid);
    return { startMs, isOn: (page) => page.includes(uid) };
  });
}

async function measureAgent(
  places: PortalPlaces,
  cli: readonly string[],
  crashes: number,
): Promise<number[]> {
  await using workspace = await makeWorkspace();
  await using portal = await startPortal(await places.fresh('SQLite'), places.cli);
  await using watched = await watchedProcess(cli, portal, workspace.path);
  // A page of one crash has other words.
  let count = 2;
  for (let number = 0; number < count; number++) await watched.crash();
  return await untilShown(portal, crashes, async () => {
    const heading = `crashed ${++count} times`;
    return { startMs: await watched.crash(), isOn: (page) => page.includes(heading) };
  });
}

/** A crash, and whether a page shows it. */
type Crash = () => Promise<{ startMs: number; isOn: (page: string) => boolean }>;

async function untilShown(portal: BenchPortal, crashes: number, crash: Crash): Promise<number[]> {
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
    const { startMs, isOn } = await crash();
    do await changes.next();
    while (!isOn(await pageOf(portal)));
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
async function pageOf({ url, cookie }: BenchPortal): Promise<string> {
  const response = await fetch(`${url}/apps/${SEEDED.app}`, { headers: { cookie } });
  return await response.text();
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
