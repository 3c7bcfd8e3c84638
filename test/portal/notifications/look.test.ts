import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { complaintsOf, faults, openContext, startBrowser, violations } from '../../support/portal/browser.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const LOOKS = [
  { width: 1280, colors: 'light', scripts: true },
  { width: 390, colors: 'dark', scripts: true },
] as const;

let portal: TestPortal;
let browser: Browser;
let cookie: { name: string; value: string };

before(async () => {
  portal = await startTestPortal();
  browser = await startBrowser();
  const now = Date.now();
  const { notifications } = portal.store;
  const hostile = '"><img src=x onerror=alert(1)>';
  await portal.store.write([
    sent(crashRecord('c1', now), { version: hostile, instance: hostile }),
    sent(captureRecord('c1', now, { title: hostile }), { version: hostile, instance: hostile }),
  ]);
  const mail = { type: 'mail' as const, preset: null, secret: null };
  const name = 'a-person-whose-name-is-rather-long-and-has-no-place-to-break';
  await notifications.addTarget('shop', { ...mail, address: `${name}@example.com` }, hostile, now);
  await notifications.stopMail('shop', 'stopped@example.com', hostile, now);
  await notifications.addTest('shop', null, now);
  const [, value = ''] = (await portal.signIn()).split('=');
  cookie = { name: 'crashmon', value };
});
after(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

for (const look of LOOKS) {
  test(`the notifications page is readable by all, ${look.width} px wide, ${look.colors}`, async () => {
    const context = await openContext(browser, portal.url, cookie, look);
    const page = await context.newPage();
    const said = complaintsOf(page);
    for (const path of [
      'shop/notifications',
      'shop/notifications?format=text',
      'new-app/notifications?preview=digest',
    ]) {
      await page.goto(`${portal.url}/apps/${path}`);
      assert.deepEqual(await violations(page), [], path);
      assert.deepEqual(await faults(page), { duplicates: [], overflow: 0 }, path);
    }
    await page.goto(`${portal.url}/apps/shop/notifications`);
    const frame = page.frameLocator('iframe');
    await page.locator('iframe').scrollIntoViewIfNeeded();
    assert.match((await frame.locator('h1').textContent()) ?? '', /shop crashed: uncaught TypeError/);
    assert.deepEqual(said, []);
    await context.close();
  });
}

test('without scripts a receiver is added and removed', async () => {
  const look = { width: 390, colors: 'light' as const, scripts: false };
  const context = await openContext(browser, portal.url, cookie, look);
  const page = await context.newPage();
  await page.goto(`${portal.url}/apps/blog/notifications`);
  assert.match(
    (await page.locator('main').textContent()) ?? '',
    /No recipients: nothing is sent when blog crashes/,
  );
  await page.getByLabel('Email address').fill('ops@example.com');
  await page.getByRole('button', { name: 'Add email' }).click();
  assert.match((await page.locator('[role=status].notice').textContent()) ?? '', /Recipient added/);
  await page.getByRole('button', { name: 'Remove ops@example.com' }).click();
  assert.match(
    (await page.locator('main').textContent()) ?? '',
    /No recipients: nothing is sent when blog crashes/,
  );
  await context.close();
});
