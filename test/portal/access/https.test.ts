import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { signInLink } from '../../../src/portal/access/domain/links.ts';
import { selfSigned } from '../../notify/certificate.ts';
import { newContext, startBrowser } from '../../support/portal/browser.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let browser: Browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test('by HTTPS with its own certificate, a browser keeps the session for this host alone', async () => {
  await using directory = await temporaryDirectory('https');
  const { cert, key } = await selfSigned();
  const [certPath, keyPath] = ['cert.pem', 'key.pem'].map((name) => path.join(directory.path, name));
  assert.ok(certPath !== undefined && keyPath !== undefined);
  writeFileSync(certPath, cert);
  writeFileSync(keyPath, key, { mode: 0o600 });
  await using portal = await startTestPortal({ settings: { tls: { certPath, keyPath } } });
  assert.match(portal.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const account = { name: 'ada', passwordHash: '!', grants: [], atMs: Date.now() };
  const { id } = await portal.store.createAccount(account);
  const context = await newContext(browser, { ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(await signInLink(portal.parts, id));
  await page.getByRole('button', { name: 'Sign in as ada' }).click();
  assert.equal(page.url(), `${portal.url}/`);
  const cookies = (await context.cookies()).map(({ value: _, expires, ...cookie }) => ({
    ...cookie,
    days: Math.round((expires - Date.now() / 1000) / 86_400),
  }));
  assert.deepEqual(cookies, [
    {
      ...{ name: '__Host-crashmon', domain: '127.0.0.1', path: '/', days: 30 },
      ...{ httpOnly: true, secure: true, sameSite: 'Lax' },
    },
  ]);
  assert.equal(await page.evaluate('document.cookie'), '');
  await page.goto(`${portal.url}/account`);
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});

test('a page of another site can make a browser send nothing that counts', async () => {
  await using portal = await startTestPortal();
  const account = { name: 'ada', passwordHash: '!', atMs: Date.now() };
  const { id } = await portal.store.createAccount({ ...account, grants: [{ app: '*', role: 'admin' }] });
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(await signInLink(portal.parts, id));
  await page.getByRole('button', { name: 'Sign in as ada' }).click();
  // The same address by another name is another site to the browser, and to the portal.
  const evil = portal.url.replace('127.0.0.1', 'localhost');
  await context.route(`${evil}/evil`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${portal.url}/admin/accounts"><input name="name" value="mallory"><input name="access" value="owner"><button>Win a prize</button></form>`,
    }),
  );
  await page.goto(`${evil}/evil`);
  const answered = page.waitForResponse((response) => response.url().endsWith('/admin/accounts'));
  await page.getByRole('button', { name: 'Win a prize' }).click();
  const answer = await answered;
  assert.equal(answer.status(), 403);
  assert.match((await page.locator('main').textContent()) ?? '', /sent from another site/);
  assert.equal(await portal.store.accountByName('mallory'), null);
  await page.goto(`${portal.url}/account`);
  assert.match((await page.locator('h1').textContent()) ?? '', /ada/);
  await context.close();
});
