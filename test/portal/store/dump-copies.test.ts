import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { openDump, sealDump } from '../../../src/dumps/encryption.ts';
import { dumpOf } from '../../../src/model/dump.ts';
import type { PublicDump } from '../../../src/model/public-session.ts';
import { PIECE_BYTES, readWanted } from '../../../src/model/sealed-dump.ts';
import { timeDigits } from '../../../src/privacy/publish-crash.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { heartbeatRecord } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const DAY_MS = 86_400_000;
const MB = 1_000_000;
const CANARY = 'CANARY-of-a-customer';
const CORE = Buffer.concat([Buffer.from(CANARY), randomBytes(2 * PIECE_BYTES), Buffer.from(CANARY)]);

const NOW = Date.now();
let beats = 0;

function listed(digit: number, sizeBytes: number, more: Partial<PublicDump> = {}): PublicDump {
  return {
    kind: 'core',
    ...{ crashUid: `${timeDigits(NOW - digit)}00000000000${digit}`, sizeBytes, full: false, encrypted: true },
    ...{
      status: { type: 'signal', signal: 'SIGSEGV' },
      keptAtMs: NOW - digit,
      expiresAtMs: NOW + 7 * DAY_MS,
    },
    ...more,
  };
}

/** As an agent says it. @returns what the portal wants of it */
async function say(portal: TestPortal, dumps: PublicDump[], instance = 'web-1') {
  const record = heartbeatRecord(`${beats++}`.padStart(24, '0'), Date.now(), { dumps });
  const answer = await sendLogs(portal, agentRequest([record], { instance }));
  assert.equal(answer.status, 200);
  return readWanted((answer.json as { crashmonDumps?: unknown }).crashmonDumps);
}

async function put(portal: TestPortal, crashUid: string, position: number, body: Uint8Array, more = {}) {
  const { token, instance } = { token: portal.token, instance: 'web-1', ...more };
  const address = `${portal.url}/v1/dumps/${crashUid}?instance=${instance}&position=${position}`;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(address, { method: 'PUT', headers, body: new Uint8Array(body) });
  const { next = null } = (await answer.json()) as { next?: number };
  return [answer.status, next];
}

async function asked(portal: TestPortal, cookie: string) {
  const answer = await fetch(`${portal.url}/api/v1/session`, { headers: { cookie } });
  const { csrfToken } = (await answer.json()) as { csrfToken: string };
  return (crashUid: string) =>
    fetch(`${portal.url}/apps/shop/dumps`, {
      ...{ method: 'POST', headers: { cookie, 'x-csrf-token': csrfToken }, redirect: 'manual' },
      body: new URLSearchParams({ instance: 'web-1', crashUid }),
    });
}

const page = async ({ url }: TestPortal, cookie: string) =>
  (await fetch(`${url}/apps/shop/sessions`, { headers: { cookie, accept: 'text/html' } })).text();

onBothDatabases((fresh, dialect) => {
  test('an encrypted dump is taken in parts, downloaded by admins alone, written down, and gone with its time', async () => {
    await using portal = await startTestPortal({ database: await fresh(), settings: { dumpBytes: 4 * MB } });
    const { store } = portal;
    const identity = await generateIdentity();
    const sealed = Buffer.concat(
      await Readable.from(sealDump(dumpOf(CORE), await identityToRecipient(identity))).toArray(),
    );
    const dump = listed(1, sealed.length);
    const { crashUid } = dump;
    const clear = listed(2, 1000, { encrypted: false });
    const part = (index: number) => sealed.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    assert.deepEqual(await put(portal, crashUid, 0, part(0)), [404, null], 'no instance keeps it');
    const heap = listed(5, sealed.length, { kind: 'heap-snapshot', status: { type: 'unknown' } });
    assert.deepEqual(await say(portal, [dump, clear, listed(3, 3 * MB), heap]), [{ crashUid, have: 0 }]);
    assert.deepEqual(await put(portal, heap.crashUid, 0, part(0)), [404, null], 'only that it is there');
    assert.deepEqual(await say(portal, [], 'web-2'), []);

    assert.deepEqual(await put(portal, clear.crashUid, 0, part(0)), [400, null], 'it is not encrypted');
    assert.deepEqual(await put(portal, crashUid, 0, CORE.subarray(0, PIECE_BYTES)), [400, null]);
    assert.deepEqual(await put(portal, crashUid, 0, part(0).subarray(1000)), [400, null]);
    assert.deepEqual(await put(portal, listed(3, 3 * MB).crashUid, 0, part(0)), [413, null]);
    assert.deepEqual(await put(portal, listed(4, 9).crashUid, 0, part(0)), [404, null]);
    const other = await portal.newToken('cart');
    assert.deepEqual(await put(portal, crashUid, 0, part(0), { token: other }), [404, null]);
    assert.deepEqual(await put(portal, crashUid, 0, part(0), { token: 'cmt_x' }), [401, null]);
    assert.deepEqual(await put(portal, crashUid, 0, Buffer.alloc(PIECE_BYTES + 1)), [413, null]);
    assert.deepEqual(await put(portal, 'x', 0, part(0)), [400, null]);
    assert.deepEqual(await put(portal, crashUid, 0, part(0)), [200, PIECE_BYTES]);
    assert.deepEqual(await put(portal, crashUid, 0, part(0)), [200, PIECE_BYTES], 'again: nothing changes');
    assert.deepEqual(await say(portal, [dump, clear]), [{ crashUid, have: PIECE_BYTES }], 'it goes on there');

    const admin = await portal.signIn([{ app: 'shop', role: 'admin' }]);
    const download = await asked(portal, admin);
    const viewer = await portal.signIn([{ app: 'shop', role: 'viewer' }]);
    assert.equal((await download(crashUid)).status, 400, 'not all of it is here');
    for (let at = PIECE_BYTES; at < sealed.length; at += PIECE_BYTES)
      assert.equal((await put(portal, crashUid, at, part(at / PIECE_BYTES)))[0], 200);
    assert.deepEqual(await say(portal, [dump, clear]), []);
    assert.match(
      await page(portal, admin),
      /Download dump 0{8}".*crashmon session get \.\/0+1\.core\.zst\.age/s,
    );
    assert.match(await page(portal, viewer), /<bdi>Heap snapshots<[\s\S]*>heap snapshot</);
    assert.doesNotMatch(await page(portal, viewer), /Download dump/);
    assert.equal((await (await asked(portal, viewer))(crashUid)).status, 403);
    assert.deepEqual(await store.auditEntries('shop', 9), []);

    const answer = await download(crashUid);
    assert.deepEqual(
      [answer.status, ...['content-length', 'cache-control'].map((name) => answer.headers.get(name))],
      [200, `${sealed.length}`, 'no-store'],
    );
    assert.match(answer.headers.get('content-disposition') ?? '', /filename="0+1\.core\.zst\.age"/);
    const got = Buffer.from(await answer.arrayBuffer());
    assert.ok(got.equals(sealed));
    const core = Buffer.concat(
      await Readable.from(openDump(Readable.from([got]), identity, 10 * MB)).toArray(),
    );
    assert.ok(core.equals(CORE));
    const [entry] = await store.auditEntries('shop', 9);
    assert.match(`${entry?.what} ${entry?.detail}`, /^dump-downloaded web-1 00000000, \d+ kB$/i);
    if (dialect === 'sqlite') {
      for (const name of readdirSync(portal.dataDir))
        assert.ok(!readFileSync(path.join(portal.dataDir, name)).includes(CANARY), name);
    }
    assert.ok(!portal.log().includes(CANARY));

    const key = { app: 'shop', instance: 'web-1', crashUid };
    assert.equal(await store.readPiece(key, 0, dump.expiresAtMs), null, 'its time is over');
    while (await store.pruneSome(dump.expiresAtMs - 1));
    assert.equal((await store.readPiece(key, 0, NOW))?.length, PIECE_BYTES);
    while (await store.pruneSome(dump.expiresAtMs));
    assert.equal(await store.readPiece(key, 0, NOW), null);
    assert.deepEqual(await say(portal, [dump]), [{ crashUid, have: 0 }], 'by a clock that was set back');
  });

  test('there is never more than --portal-dumps, half of it of one app; what is deleted on its instance makes room', async () => {
    await using portal = await startTestPortal({ database: await fresh(), settings: { dumpBytes: 2 * MB } });
    const { store } = portal;
    const part = Buffer.alloc(PIECE_BYTES, 'age-encryption.org/v1\n-> X25519 ');
    const [one, another, large] = [listed(1, 0.7 * MB), listed(2, 0.4 * MB), listed(3, 1.1 * MB)];
    const wanted = (await say(portal, [one, another, large])).map(({ crashUid }) => crashUid);
    assert.deepEqual(wanted, [one.crashUid, another.crashUid]);
    assert.deepEqual(await put(portal, large.crashUid, 0, part), [413, null]);
    assert.deepEqual(await put(portal, one.crashUid, 0, part), [200, PIECE_BYTES]);
    assert.deepEqual(
      await put(portal, another.crashUid, 0, part),
      [503, null],
      'the room of the first is its own',
    );
    assert.deepEqual(await say(portal, [one, another]), [{ crashUid: one.crashUid, have: PIECE_BYTES }]);
    await say(portal, [another]);
    assert.deepEqual(await put(portal, one.crashUid, PIECE_BYTES, part), [404, null]);
    while (await store.pruneSome(Date.now()));
    assert.deepEqual(await put(portal, another.crashUid, 0, part), [200, PIECE_BYTES]);
    // Never completed.
    while (await store.pruneSome(Date.now() + DAY_MS + 1000));
    assert.deepEqual(await say(portal, [another]), [{ crashUid: another.crashUid, have: 0 }]);
  });
});

test('a portal whose owner has not switched it on takes no dump and offers none', async () => {
  await using portal = await startTestPortal();
  const dump = listed(1, 1000);
  assert.deepEqual(await say(portal, [dump]), []);
  assert.deepEqual(await put(portal, dump.crashUid, 0, Buffer.from('age-encryption.org/v1\n-> ')), [
    404,
    null,
  ]);
  const admin = await portal.signIn();
  assert.equal((await (await asked(portal, admin))(dump.crashUid)).status, 404);
  assert.match(await page(portal, admin), /They stay there: this page knows only that they exist/);
});
