import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MailServer } from '../../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../../notify/webhook-receiver.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

let server: MailServer;
let portal: TestPortal;
let admin: string;
let viewer: string;

before(async () => {
  server = await MailServer.start();
  const notices = { smtp: server.url(), mailFrom: 'Crashmon <crashmon@example.com>', mailTo: [] };
  portal = await startTestPortal({
    settings: {
      notifications: { ...notices, allowPrivateWebhooks: true },
    },
  });
  admin = await portal.signIn([{ app: 'shop', role: 'admin' }]);
  viewer = await portal.signIn([{ app: 'shop', role: 'viewer' }]);
});
after(async () => {
  await portal?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const get = (path: string, cookie: string) =>
  fetch(portal.url + path, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' });

async function post(
  path: string,
  fields: Record<string, string | string[]>,
  cookie = admin,
): Promise<Response> {
  const page = await (await get('/apps/shop/notifications', cookie)).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ csrf });
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) body.append(name, each);
  }
  const headers = { cookie, accept: 'text/html' };
  return fetch(portal.url + path, { method: 'POST', headers, body, redirect: 'manual' });
}

/** Sent, and known to be. */
async function untilMails(count: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  const isDone = async () =>
    server.delivered.length >= count && (await portal.store.notifications.outboxCounts()).waiting === 0;
  while (!(await isDone()) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(server.delivered.length, count);
}

test('an app without recipients says so', async () => {
  const page = await (await get('/apps/shop/notifications', admin)).text();
  assert.match(
    page,
    /No recipients: nothing is sent when <bdi>shop<\/bdi> crashes\. Add an email address or a webhook/,
  );
});

test('viewers read, and change nothing; others do not even know of it', async () => {
  const page = await get('/apps/shop/notifications', viewer);
  assert.equal(page.status, 200);
  assert.doesNotMatch(await page.text(), /Add email/);
  for (const path of ['mail', 'webhook', 'remove', 'choices', 'mute', 'test', 'again']) {
    assert.equal((await post(`/apps/shop/notifications/${path}`, {}, viewer)).status, 403, path);
    assert.equal((await post(`/apps/blog/notifications/${path}`, {}, viewer)).status, 404, path);
  }
  assert.equal((await get('/apps/blog/notifications', viewer)).status, 404);
  assert.equal((await get('/apps/blog/notifications/preview', viewer)).status, 404);
  assert.equal((await get('/apps/shop/notifications', 'none=1')).status, 303);
  const old = await get('/apps/shop/notices?preview=digest', viewer);
  assert.equal(old.status, 301);
  assert.equal(old.headers.get('location'), '/apps/shop/notifications?preview=digest');
});

test('a mail address is added, tested, notified, unsubscribed by one click, and removed', async () => {
  assert.equal((await post('/apps/shop/notifications/mail', { address: 'not an address' })).status, 400);
  const added = await post('/apps/shop/notifications/mail', { address: ' Ops@Example.com ' });
  assert.equal(added.status, 303);
  const page = await (await get('/apps/shop/notifications', admin)).text();
  assert.match(page, /<bdi>Ops@example\.com<\/bdi>/);
  assert.doesNotMatch(page, /No recipients/);
  const id = /name="target" value="(\w+)"/.exec(page)?.[1] ?? '';
  await post('/apps/shop/notifications/test', { target: id });
  await untilMails(1);
  assert.match(
    await (await get('/apps/shop/notifications', admin)).text(),
    /Ops@example\.com<\/bdi> <span class="tag resolved">delivered/,
  );
  const now = Date.now();
  await portal.store.write([sent(crashRecord('c1', now)), sent(captureRecord('c1', now))]);
  await untilMails(2);
  const { mail } = server.delivered[1] ?? assert.fail();
  assert.match(mail.subject ?? '', /^Your app, shop, crashed/);
  const list = mail.headers.get('list') as unknown as { unsubscribe: { url: string } };
  const link = new URL(list.unsubscribe.url);
  assert.equal(link.origin, portal.url);
  const asked = await fetch(portal.url + link.pathname);
  assert.match(await asked.text(), /Unsubscribe from <bdi>shop<\/bdi>\?/);
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  for (const wrong of [
    `${link.pathname}x`,
    '/unsubscribe/x',
    '/unsubscribe/x.y',
    link.pathname.replace('.', 'A.'),
  ]) {
    assert.equal((await fetch(portal.url + wrong, { method: 'POST', body })).status, 404, wrong);
  }
  const ended = await fetch(portal.url + link.pathname, { method: 'POST', body });
  assert.equal(ended.status, 200);
  const after = await (await get('/apps/shop/notifications', admin)).text();
  assert.match(after, /No recipients/);
  assert.match(after, /by <bdi>Ops@example\.com<\/bdi>: receives nothing/);
  await post('/apps/shop/notifications/remove', { target: id });
  assert.doesNotMatch(
    await (await get('/apps/shop/notifications', admin)).text(),
    /<th scope="row"><bdi>Ops@/,
  );
  const said = await portal.store.auditEntries('shop', 10);
  assert.deepEqual(
    said.map(({ what }) => what),
    ['notice-target-removed', 'notice-unsubscribed', 'notice-target-added'],
  );
});

test("a webhook's secret is shown once, and its address never", async () => {
  await using receiver = await WebhookReceiver.start(answer(200));
  const url = receiver.url();
  assert.equal(
    (await post('/apps/shop/notifications/webhook', { address: 'ftp://x', preset: '' })).status,
    400,
  );
  const added = await post('/apps/shop/notifications/webhook', { address: url, preset: '' });
  const secret = /<code id="secret">([\w-]{43})<\/code>/.exec(await added.text())?.[1] ?? assert.fail();
  const page = await (await get('/apps/shop/notifications', admin)).text();
  assert.match(page, /<bdi>127\.0\.0\.1<\/bdi>/);
  assert.ok(!page.includes(secret) && !page.includes('s3cret-address'));
  assert.ok(!JSON.stringify(await portal.store.auditEntries('*', 50)).includes('s3cret-address'));
  const settings = await portal.store.notifications.settings('shop');
  await post('/apps/shop/notifications/remove', { target: settings.targets[0]?.id ?? '' });
});

test('choices and mute are kept, and refused where they make no sense', async () => {
  const times = { from: '22:30', to: '06:00', daily: '08:15' };
  const zone = 'Europe/Berlin';
  const kinds = ['stack-overflow', 'fault'];
  await post('/apps/shop/notifications/choices', { ...times, zone, kinds, when: 'quiet' });
  const read = async () => (await portal.store.notifications.settings('shop')).preferences;
  assert.deepEqual(await read(), {
    kinds,
    quietHours: { fromMinute: 1350, toMinute: 360, timeZone: zone },
    digest: null,
    mute: null,
  });
  await post('/apps/shop/notifications/choices', { ...times, zone, kinds: 'fault', when: 'digest' });
  assert.deepEqual((await read()).digest, { minute: 495, timeZone: zone });
  assert.deepEqual((await read()).kinds, ['fault']);
  for (const wrong of [{ zone: 'Mars/Base' }, { from: '25:00' }, { when: 'never' }, { kinds: ['nothing'] }]) {
    const refused = await post('/apps/shop/notifications/choices', {
      ...times,
      zone,
      when: 'quiet',
      ...wrong,
    });
    assert.equal(refused.status, 400, JSON.stringify(wrong));
  }
  await post('/apps/shop/notifications/mute', { mute: 'version', until: '' });
  assert.deepEqual((await read()).mute, { whileVersion: '1.0.0' });
  await post('/apps/shop/notifications/mute', { mute: 'until', until: '2999-01-01T10:00' });
  assert.deepEqual((await read()).mute, { untilMs: Date.UTC(2999, 0, 1, 10) });
  assert.match(await (await get('/apps/shop/notifications', viewer)).text(), /Muted until .*nothing is sent/);
  assert.equal(
    (await post('/apps/shop/notifications/mute', { mute: 'until', until: '1999-01-01T10:00' })).status,
    400,
  );
  await post('/apps/shop/notifications/mute', { mute: 'no' });
  assert.equal((await read()).mute, null);
});

test('the mail is shown in a frame that may do nothing', async () => {
  const page = await get('/apps/shop/notifications', viewer);
  assert.match(page.headers.get('content-security-policy') ?? '', /frame-src 'self'/);
  assert.match(
    await page.text(),
    /<iframe title="Email preview" sandbox loading="lazy" src="\/apps\/shop\/notifications\/preview/,
  );
  const mail = await get('/apps/shop/notifications/preview', viewer);
  const policy = mail.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; style-src 'unsafe-inline';.* sandbox$/);
  assert.match(await mail.text(), /shop crashed: uncaught TypeError/);
  const text = await (await get('/apps/shop/notifications?preview=recovered&format=text', viewer)).text();
  assert.match(text, /shop is stable again/);
});
