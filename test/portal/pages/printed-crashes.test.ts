import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { complaintsOf, faults, openContext, startBrowser, violations } from '../../support/portal/browser.ts';
import { type PagesPortal, startPagesPortal } from '../../support/portal/pages-portal.ts';
import { printedCrashes } from '../../support/portal/printed-crashes.ts';

/** Of each crash: what its page says of its source, and its runtime and title. */
const SAID: Readonly<Record<string, readonly RegExp[]>> = {
  'printed-python': [
    /From standard error: what Python printed when it ended; an app that prints an exception and then exits looks the same\./,
    /Python 3\.11\.2/,
    /shop\.cart\.CartError in total \(shop\/cart\.py\)/,
  ],
  'printed-go': [
    /From standard error: what Go printed when it ended\./,
    /Go 1\.19\.8/,
    /runtime error: index out of range in github\.com\/acme\/shop\/cart\.\(\*Cart\)\.Total/,
  ],
  'printed-ruby': [
    /From standard error: what Ruby printed shortly before the exit; it may not be the cause of the crash\./,
    /exit code 1 after Shop::CartError in block in Shop::Cart#total/,
    /\(suspected crash\)/,
  ],
  'printed-perl': [/Perl printed no call stack\. From standard error/, /Shop::CartError, no call stack/],
};

let portal: PagesPortal;
let browser: Browser;
let cookie: { name: string; value: string };

before(async () => {
  portal = await startPagesPortal();
  browser = await startBrowser();
  await portal.store.write(printedCrashes(Date.now()));
  cookie = await portal.signIn('ada', [{ app: '*', role: 'admin' }]);
});
after(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

for (const [width, colors] of [
  [1280, 'light'],
  [390, 'dark'],
] as const) {
  test(`a page says where a stack is from, ${width} px wide, ${colors}`, async () => {
    const context = await openContext(browser, portal.url, cookie, { width, colors, scripts: true });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    for (const [uid, patterns] of Object.entries(SAID)) {
      await page.goto(`${portal.url}/apps/polyglot?crash=${uid}`);
      const text = ((await page.locator('#crash').textContent()) ?? '').replaceAll(/\s+/g, ' ');
      for (const pattern of patterns) assert.match(text, pattern);
      assert.doesNotMatch(text, /Capture pause|captured/);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(await faults(page), { duplicates: [], overflow: 0 });
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
