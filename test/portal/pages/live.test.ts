import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { complaintsOf, openContext, startBrowser } from '../../support/portal/browser.ts';
import { type PagesPortal, startPagesPortal } from '../../support/portal/pages-portal.ts';
import { crashRecord, sent } from '../../support/portal/records.ts';
import { seedFleet } from '../../support/portal/seed.ts';

let portal: PagesPortal;
let browser: Browser;

before(async () => {
  portal = await startPagesPortal();
  browser = await startBrowser();
  await seedFleet(portal.store, Date.now());
});
after(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

const headersOf = (cookie: { name: string; value: string }) => ({ cookie: `${cookie.name}=${cookie.value}` });
const crash = (uid: string) =>
  sent(crashRecord(uid, Date.now(), { status: { type: 'code', code: 77 }, signatures: [`v1:${uid}`] }), {
    instance: 'web-1',
    version: '2.4.1',
  });

test('a crash appears in an open page by itself, and what the reader does stays as it is', async () => {
  const cookie = await portal.signIn('reader', [{ app: '*', role: 'admin' }]);
  const context = await openContext(browser, portal.url, cookie);
  const page = await context.newPage();
  const said = complaintsOf(page);
  const listening = page.waitForResponse((answer) => answer.url().includes('/live'));
  await page.goto(`${portal.url}/apps/shop`);
  await listening;
  await page.locator('#live-sign', { hasText: /^Live$/ }).waitFor();
  await page.locator('.plot .u-over').waitFor();
  await page.locator('summary', { hasText: 'frames of express' }).click();
  await page.locator('summary', { hasText: 'As plain text' }).click();
  await page.locator('#crash-choice').focus();
  await page.evaluate(
    `(() => { scrollTo(0, 500); getSelection().selectAllChildren(document.querySelector('.frame .fn')); document.querySelector('.stack-card').mark = 1; })()`,
  );
  const before = await stateOf();
  const headline = (await page.locator('#finding').textContent()) ?? '';
  await portal.store.write([crash('live-one')]);
  await page.locator('#signatures', { hasText: 'exit code 77' }).waitFor();
  assert.notEqual(await page.locator('#finding').textContent(), headline);
  assert.deepEqual(await stateOf(), before);
  assert.deepEqual(said, []);
  await context.close();

  async function stateOf(): Promise<unknown> {
    return page.evaluate(`({ scroll: Math.round(scrollY), focus: document.activeElement.id, chosen: getSelection().toString(), same: document.querySelector('.stack-card').mark,
      open: [...document.querySelectorAll('details[open] > summary')].map((element) => element.textContent), charts: document.querySelectorAll('.u-wrap').length })`);
  }
});

test('the list of apps, history and a note in the making follow as well', async () => {
  const cookie = await portal.signIn('writer', [{ app: '*', role: 'admin' }]);
  const context = await openContext(browser, portal.url, cookie);
  const [apps, history, note] = [await context.newPage(), await context.newPage(), await context.newPage()];
  const [signature] = await portal.store.signatures(
    'shop',
    { fromMs: 0, toMs: Date.now() + 60_000 },
    1,
    Date.now(),
  );
  assert.ok(signature !== undefined);
  await apps.goto(`${portal.url}/`);
  await history.goto(`${portal.url}/apps/shop/history`);
  await note.goto(`${portal.url}/apps/shop/signatures/${signature.id}`);
  const total = (await note.locator('.figure dd').first().textContent()) ?? '';
  await note.getByLabel('Findings and links').fill('half a sent');
  const shown = apps.locator('#app-shop .app-day .big');
  const earlier = Number.parseInt((await shown.textContent()) ?? '', 10);
  const again = sent(
    crashRecord('live-two', Date.now(), { title: signature.title, signatures: signature.values }),
    { instance: 'web-1' },
  );
  await portal.store.write([again]);
  await apps.locator('#app-shop .app-day .big', { hasText: new RegExp(`^${earlier + 1}\\b`) }).waitFor();
  await history.locator('#row-live-two').waitFor();
  await note.locator('.figure dd', { hasText: new RegExp(`^${Number(total) + 1}$`) }).waitFor();
  assert.equal(await note.getByLabel('Findings and links').inputValue(), 'half a sent');
  await context.close();
});

test('who may not see an app hears nothing of it, nor too many at once', async () => {
  const cookie = await portal.signIn('guest', [{ app: 'blog', role: 'viewer' }]);
  const headers = headersOf(cookie);
  assert.equal((await fetch(`${portal.url}/live?app=shop`, { headers })).status, 404);
  assert.equal((await fetch(`${portal.url}/live`)).status, 401);
  assert.equal((await fetch(`${portal.url}/live?app=blog&since=x`, { headers })).status, 400);
  const over = new AbortController();
  const open = await Promise.all(
    Array.from({ length: 8 }, () => fetch(`${portal.url}/live?app=blog`, { headers, signal: over.signal })),
  );
  assert.deepEqual(new Set(open.map(({ status }) => status)), new Set([200]));
  assert.equal(open[0]?.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.match(open[0]?.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal((await fetch(`${portal.url}/live`, { headers })).status, 429);
  over.abort();
});

test('a change between the page and its first listening is reported at once', async () => {
  const cookie = await portal.signIn('late', [{ app: '*', role: 'viewer' }]);
  const headers = headersOf(cookie);
  const page = await (
    await fetch(`${portal.url}/apps/shop`, { headers: { ...headers, accept: 'text/html' } })
  ).text();
  const url = (/data-live="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&amp;', '&');
  await portal.store.write([crash('live-three')]);
  const over = new AbortController();
  const answer = await fetch(portal.url + url, { headers, signal: over.signal });
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('event: change')) break;
  }
  assert.match(text, /event: change\nid: \d+\n/);
  over.abort();
});

test('readers that leave before they are answered take no place of later ones', async () => {
  const cookie = await portal.signIn('restless', [{ app: '*', role: 'admin' }]);
  const { hostname, port } = new URL(portal.url);
  for (let reader = 0; reader < 30; reader++) {
    const socket = connect(Number(port), hostname);
    socket.end(`GET /live HTTP/1.1\r\nhost: ${hostname}\r\ncookie: ${cookie.name}=${cookie.value}\r\n\r\n`);
    socket.once('finish', () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  const over = new AbortController();
  const live = await fetch(`${portal.url}/live`, { headers: headersOf(cookie), signal: over.signal });
  assert.equal(live.status, 200);
  over.abort();
});
