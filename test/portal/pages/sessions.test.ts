import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeRecord } from '../../../src/formats/otlp/encode-record.ts';
import { toAttributes } from '../../../src/formats/otlp/otlp-json.ts';
import { readRequests } from '../../../src/model/remote-request.ts';
import type { TelemetryRecord } from '../../../src/model/telemetry.ts';
import type { Grant } from '../../../src/portal/store/access/access-store.ts';
import type { RequestSummary } from '../../../src/portal/store/read/dump-store.ts';
import { type PagesPortal, startPagesPortal } from '../../support/portal/pages-portal.ts';
import { heartbeatRecord } from '../../support/portal/records.ts';
import { newToken } from '../../support/portal/start-portal.ts';

const HOUR_MS = 3_600_000;

let portal: PagesPortal;
let token: string;
let beats = 0;

before(async () => {
  portal = await startPagesPortal();
  token = await newToken(portal.store, 'shop');
});
after(() => portal?.[Symbol.asyncDispose]());

type Person = { cookie: string; 'x-csrf-token': string };

async function signIn(name: string, grants: Grant[]): Promise<Person> {
  const { name: key, value } = await portal.signIn(name, grants);
  const cookie = `${key}=${value}`;
  const answer = await fetch(`${portal.url}/api/v1/session`, { headers: { cookie } });
  const { csrfToken } = (await answer.json()) as { csrfToken: string };
  return { cookie, 'x-csrf-token': csrfToken };
}

const ask = (person: Person, fields: Record<string, string>) =>
  fetch(`${portal.url}/apps/shop/sessions/requests`, {
    ...{ method: 'POST', headers: person, redirect: 'manual', body: new URLSearchParams(fields) },
  });

const page = async ({ cookie }: Person) =>
  (await fetch(`${portal.url}/apps/shop/sessions`, { headers: { cookie, accept: 'text/html' } })).text();

/** As an agent sends it. @returns what it is asked for */
async function send(instance: string, changes: Parameters<typeof heartbeatRecord>[2] = {}) {
  const uid = `${beats++}`.padStart(24, '0');
  const record: TelemetryRecord = heartbeatRecord(`${uid}-h`, Date.now(), changes);
  const attributes = toAttributes({ 'service.name': 'shop', 'service.instance.id': instance });
  const logRecords = [encodeRecord(record, () => '')];
  const answer = await fetch(`${portal.url}/v1/logs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }),
  });
  assert.equal(answer.status, 200);
  return readRequests(((await answer.json()) as { crashmonRequests?: unknown }).crashmonRequests);
}

async function requests(nowMs = Date.now()): Promise<RequestSummary[]> {
  return (await portal.store.dumpSessions('shop', 0, nowMs)).requests;
}

test('an admin asks an instance, which alone hears of it, until it answers or an hour is over', async () => {
  const ada = await signIn('ada', [{ app: 'shop', role: 'admin' }]);
  const victor = await signIn('victor', [{ app: 'shop', role: 'viewer' }]);
  await send('web-1');
  await send('web-2');
  const arm = { instance: 'web-1', what: 'arm' };
  assert.equal((await ask(victor, arm)).status, 403);
  assert.doesNotMatch(await page(victor), /Start session/);
  assert.match(await page(ada), /Start session/);
  assert.equal((await ask({ ...ada, 'x-csrf-token': 'x' }, arm)).status, 403);
  for (const wrong of [{ instance: 'nowhere' }, { what: 'shell' }, { what: 'session', hours: '721' }])
    assert.equal((await ask(ada, { ...arm, ...wrong })).status, 400);
  assert.deepEqual(await requests(), []);

  assert.equal((await ask(ada, arm)).status, 303);
  assert.equal((await ask(ada, arm)).status, 400, 'it waits already');
  assert.equal((await ask(ada, { ...arm, what: 'session', maxDumps: '2', hours: '8' })).status, 303);
  assert.deepEqual(await send('web-2'), []);
  assert.deepEqual(await send('web-1', { stopped: true }), []);
  const heard = await send('web-1');
  assert.deepEqual(
    heard.map(({ what }) => what),
    ['arm', 'session'],
  );
  assert.deepEqual(await send('web-1'), heard, 'until it answers');
  const [{ id: armed = '' } = {}, { id: asked = '' } = {}] = heard;
  // Another instance cannot answer for it.
  await send('web-2', { answers: [{ id: armed, why: null }] });
  await send('web-1', { answers: [{ id: armed, why: 'off' }] });
  await send('web-1', { answers: [{ id: armed, why: null }] });
  assert.deepEqual(
    (await requests())
      .map(({ id, state, why }) => ({ id, state, why }))
      .toSorted((a) => (a.id === armed ? -1 : 1)),
    [
      { id: armed, state: 'refused', why: 'off' },
      { id: asked, state: 'asked', why: null },
    ],
  );
  assert.match(await page(victor), /refused on the instance.*--remote-control is off/s);

  const late = Date.now() + HOUR_MS + 1_000;
  assert.equal((await requests(late)).find(({ id }) => id === asked)?.state, 'expired');
  assert.deepEqual(await portal.store.openRequests(late), []);
  const audit = await portal.store.auditEntries('shop', 10);
  assert.deepEqual(
    audit.map(({ who, what, detail }) => [who, what, detail]),
    [
      ['ada', 'session-asked', 'web-1: 2 dumps, 8 h'],
      ['ada', 'arm-asked', 'web-1'],
    ],
  );
});
