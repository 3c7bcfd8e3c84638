import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { OTHER_INSTANCE } from '../../../src/portal/store/limits.ts';
import {
  complaintsOf,
  faults,
  LOOK_RULES,
  newContext,
  openContext,
  startBrowser,
  violations,
} from '../../support/portal/browser.ts';
import { type PagesPortal, startPagesPortal } from '../../support/portal/pages-portal.ts';
import { crashRecord, sent } from '../../support/portal/records.ts';
import { seedFleet } from '../../support/portal/seed.ts';
import { seedAlike } from '../../support/portal/seed-alike.ts';

const PLAIN = { width: 1280, colors: 'light' } as const;

let portal: PagesPortal;
let browser: Browser;
let cookie: { name: string; value: string };
let paths: string[];

before(async () => {
  portal = await startPagesPortal();
  browser = await startBrowser();
  const now = Date.now();
  await seedFleet(portal.store, now);
  await seedAlike(portal.store, now);
  const anyTime = { range: { fromMs: 0, toMs: now + 60_000 }, hasReport: true };
  const { items } = await portal.store.crashes('shop', anyTime, 100);
  const newestOf = (kind: string) => items.find((event) => event.kind === kind)?.uid ?? '';
  cookie = await portal.signIn('ada', [{ app: '*', role: 'admin' }]);
  paths = [
    '/',
    '/apps/shop',
    '/apps/shop?range=90d&crash=shop000001',
    `/apps/shop?crash=${newestOf('fault')}`,
    '/apps/image-resizer?range=90d',
    '/apps/checkout',
    '/apps/checkout?crash=no-frames-1',
    '/apps/checkout/history',
    '/apps/checkout/instances',
    '/apps/checkout/instances/pos-stopped',
    '/apps/checkout/instances/pos-external',
    '/apps/blog',
    '/apps/never-heard-of',
    `/apps/shop/signatures/${items.find(({ kind }) => kind === 'exception')?.signature}`,
    '/apps/shop/instances',
    '/apps/shop/instances/web-2',
    '/apps/shop/instances/web-5',
    '/apps/shop/history',
    '/apps/shop/sessions',
    '/apps/blog/sessions',
    '/api',
    '/new-app',
  ];
});
after(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

test('every page is readable by all, wide and light, narrow and dark', async () => {
  const context = await openContext(browser, portal.url, cookie, { ...PLAIN, scripts: true });
  const page = await context.newPage();
  const said = complaintsOf(page);
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== portal.url) foreign.push(request.url());
  });
  const kinds = new Set<string>();
  for (const path of paths) {
    // The same page in both looks: to load it and axe again would take longer than all else here.
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 844 });
    const answer = await page.goto(portal.url + path);
    assert.equal(answer?.status(), 200, path);
    await page.evaluate(`for (const each of document.querySelectorAll('main details')) each.open = true`);
    await assertReadable(page, path, null);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    // By all rules once for each kind of page.
    const kind = kindOf(path);
    await assertReadable(page, `${path}, narrow and dark`, kinds.has(kind) ? LOOK_RULES : null);
    kinds.add(kind);
    assert.match(await page.title(), /\S+.* · Crashmon$/);
    assert.equal(await page.locator('h1').count(), 1, path);
    assert.deepEqual([said, foreign], [[], []], path);
  }
  await context.close();
});

/** The path without the names in it. */
const kindOf = (path: string) =>
  path.replace(/\?.*/, '').replaceAll(/(apps|signatures|instances)\/[^/]+/g, '$1/x');

async function assertReadable(page: Page, where: string, rules: readonly string[] | null): Promise<void> {
  assert.deepEqual(await violations(page, rules), [], where);
  assert.deepEqual(await faults(page), { duplicates: [], overflow: 0 }, where);
}

test('groups of one title differ on every page, and a crash is shown in one way', async () => {
  const context = await openContext(browser, portal.url, cookie, { ...PLAIN, scripts: false });
  const page = await context.newPage();
  for (const [path, titles] of [
    ['/apps/checkout', '#signatures th a'],
    ['/apps/checkout', '.legend a'],
    ['/apps/checkout/history', 'select[name=signature] option'],
    ['/', '#app-checkout .worse a'],
  ] as const) {
    await page.goto(portal.url + path);
    const texts = await page.locator(titles).allTextContents();
    assert.ok(texts.length >= 3, path);
    assert.equal(new Set(texts).size, texts.length, texts.join('\n'));
  }
  const alike = await page.locator('#app-checkout .worse a').allTextContents();
  assert.ok(
    alike.some((text) => /^TypeError in chargeCard \(server\.js\) · (?:pay|refund|renew) \(/.test(text)),
    alike.join('\n'),
  );
  assert.match((await page.locator('#app-checkout .app-day').textContent()) ?? '', /its first day here/);
  await page.goto(`${portal.url}/apps/checkout/history`);
  const row = (await page.locator('#row-no-frames-1').textContent()) ?? '';
  assert.match(row, /report without a call stack/);
  assert.doesNotMatch(row, /with call stack|yet/);
  await context.close();
});

test('times have seconds and a zone: the reader’s where scripts run, UTC elsewhere', async () => {
  const options = { extraHTTPHeaders: { cookie: `${cookie.name}=${cookie.value}` } };
  for (const [javaScriptEnabled, zone] of [
    [true, /GMT\+5:45|NPT/],
    [false, /UTC/],
  ] as const) {
    const context = await newContext(browser, {
      ...options,
      javaScriptEnabled,
      timezoneId: 'Asia/Kathmandu',
    });
    const page = await context.newPage();
    await page.goto(`${portal.url}/apps/checkout`);
    for (const place of ['.crash-facts time', '#crash-choice option']) {
      const text = (await page.locator(place).first().textContent()) ?? '';
      assert.match(text, new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d (?:${zone.source})`));
    }
    await context.close();
  }
});

test('no step is advised that was taken, or that brings nothing', async () => {
  const context = await openContext(browser, portal.url, cookie, { ...PLAIN, scripts: false });
  const page = await context.newPage();
  for (const [instance, isAdvised] of [
    ['watching', true],
    ['armed', false],
    ['cooling-down', false],
    ['disabled', false],
    ['stopped', false],
  ] as const) {
    await page.goto(`${portal.url}/apps/till-${instance}`);
    const text = (await page.locator('#insight').textContent()) ?? '';
    assert.equal(/crashmon arm/.test(text), isAdvised, instance);
  }
  await page.goto(`${portal.url}/apps/till-stopped`);
  assert.match(
    (await page.locator('#insight').textContent()) ?? '',
    /till has been stopped since .* UTC: no worker is running/,
  );
  await context.close();
});

test('an instance page says only what its sender said', async () => {
  const context = await openContext(browser, portal.url, cookie, { ...PLAIN, scripts: false });
  const page = await context.newPage();
  const textOf = async (path: string): Promise<string> => {
    await page.goto(portal.url + path);
    return (await page.locator('main').textContent()) ?? '';
  };
  const external = await textOf('/apps/till-ahead/instances/till');
  assert.match(external, /Worker started\s*unknown/);
  assert.doesNotMatch(external, /not running|captures every crash|captures the next one|No crashes\./);
  assert.equal(await page.locator('#row-ahead-1').count(), 1);
  assert.match(await textOf('/apps/till-watching/instances/till'), /Worker started\s*\d+ minutes ago/);
  assert.match(await textOf('/apps/till-stopped/instances/till'), /Worker started\s*not running/);
  const source = { app: 'till-stopped', instance: OTHER_INSTANCE };
  await portal.store.write([sent(crashRecord('till-folded', Date.now()), source)]);
  const folded = await textOf(`/apps/till-stopped/instances/${encodeURIComponent(OTHER_INSTANCE)}`);
  assert.match(folded, /Total\s*1 crash.*under the names that the instances had/s);
  assert.doesNotMatch(folded, /unknown|State changes|No crashes\./);
  assert.match(await textOf('/apps/till-stopped/instances'), /1 stopped, others folded/);
  await context.close();
});

test('the menu opens by key, leads on, and closes by Escape', async () => {
  const leaver = await portal.signIn('leaver', [{ app: '*', role: 'admin' }]);
  const context = await openContext(browser, portal.url, leaver);
  const page = await context.newPage();
  await page.goto(portal.url);
  await page.locator('.menu > summary').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Your account' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Your account' }).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate('document.activeElement.tagName'), 'SUMMARY');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/sign-in/);
  await context.close();
});

describe('without scripts', () => {
  test('a crash is chosen, its stack read, and the picture of the timeline seen', async () => {
    const context = await openContext(browser, portal.url, cookie, {
      width: 390,
      colors: 'light',
      scripts: false,
    });
    const page = await context.newPage();
    await page.goto(`${portal.url}/apps/shop`);
    assert.ok((await page.locator('.chart path[class^="s"]').count()) > 5);
    assert.equal(await page.locator('.plot .u-wrap').count(), 0);
    const counted =
      (await page.locator('#crash-choice optgroup:nth-child(2) option').first().getAttribute('value')) ?? '';
    await page.locator('#crash-choice').selectOption(counted);
    await page.getByRole('button', { name: 'Show' }).click();
    assert.match(page.url(), new RegExp(`crash=${counted}`));
    assert.match((await page.locator('.no-stack').textContent()) ?? '', /not armed: this was crash/);
    await page.goto(`${portal.url}/apps/shop?crash=shop000000&range=90d`);
    const stack = (await page.locator('.stack-card').textContent()) ?? '';
    assert.match(stack, /Cart\.total.*src\/cart\/cart\.ts:48:14.*4 frames of express.*2 frames of Node\.js/s);
    assert.match(
      (await page.locator('.crash-facts').textContent()) ?? '',
      /Capture pause11 ms.*Restart took1\.2 s/s,
    );
    await context.close();
  });

  test('a note is written, and a signature resolved and opened again', async () => {
    const context = await openContext(browser, portal.url, cookie, {
      width: 1280,
      colors: 'light',
      scripts: false,
    });
    const page = await context.newPage();
    await page.goto(portal.url + (paths.find((path) => path.includes('/signatures/')) ?? ''));
    await page.getByLabel('Findings and links').fill('\nfirst line\n<b>second</b>');
    await page.getByRole('button', { name: 'Save note' }).click();
    assert.equal(await page.getByLabel('Findings and links').inputValue(), '\nfirst line\n<b>second</b>');
    await page.getByRole('button', { name: 'Resolve' }).click();
    assert.equal(await page.locator('.tag.resolved').count(), 1);
    await page.getByRole('button', { name: 'Reopen' }).click();
    assert.equal(await page.locator('.tag.resolved').count(), 0);
    const audit = await portal.store.auditEntries('shop', 10);
    assert.deepEqual(audit.map(({ who, what }) => `${who} ${what}`).toSorted(), [
      'ada note',
      'ada reopen',
      'ada resolve',
    ]);
    await context.close();
  });

  test('history is filtered, and its older pages are reached', async () => {
    const context = await openContext(browser, portal.url, cookie, {
      width: 1280,
      colors: 'light',
      scripts: false,
    });
    const page = await context.newPage();
    await page.goto(`${portal.url}/apps/shop/history?range=90d`);
    assert.equal(await page.locator('tbody tr').count(), 50);
    await page.getByRole('link', { name: 'Older crashes' }).click();
    await page.getByRole('link', { name: 'Older crashes' }).click();
    assert.equal(await page.locator('tbody tr').count(), 40);
    await page.getByLabel('Kind').selectOption('fault');
    await page.getByRole('button', { name: 'Filter' }).click();
    const texts = await page.locator('tbody td:nth-child(2) bdi').allTextContents();
    assert.ok(texts.length > 0 && texts.every((text) => text === 'SIGSEGV'), texts.join());
    await context.close();
  });
});

test('with scripts the chart answers to the pointer and the stack is copied', async () => {
  const context = await openContext(browser, portal.url, cookie);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: portal.url });
  const page = await context.newPage();
  await page.goto(`${portal.url}/apps/shop?range=90d`);
  const chart = page.locator('.plot .u-over');
  await chart.waitFor();
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  assert.ok(box !== null);
  // The newest day may have no crash yet: shortly after midnight UTC.
  for (let left = 4; left < box.width && !(await page.locator('.plot-tip').isVisible()); left += 6) {
    await page.mouse.move(box.x + box.width - left, box.y + box.height / 2);
  }
  await page.locator('.plot-tip').waitFor({ state: 'visible' });
  assert.match(
    (await page.locator('.plot-tip').textContent()) ?? '',
    /Cart\.total|renderTree|connectRedis|vips/,
  );
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const older = (await page.locator('#crash-choice option').nth(1).getAttribute('value')) ?? '';
  await page.locator('#crash-choice').selectOption(older);
  await page.waitForURL(new RegExp(`crash=${older}`));
  await page.goto(`${portal.url}/apps/shop/history`);
  await page.getByLabel('Version').press('Control+V');
  assert.match(await page.getByLabel('Version').inputValue(), /at Cart\.total \(src\/cart\/cart\.ts:48:14\)/);
  await context.close();
});
