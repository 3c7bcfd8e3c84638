import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createApiToken } from '../../../src/portal/access/domain/create-api-token.ts';
import { setupLink, signInLink } from '../../../src/portal/access/domain/links.ts';
import type { Account } from '../../../src/portal/store/access/access-store.ts';
import { complaintsOf, faults, newContext, startBrowser, violations } from '../../support/portal/browser.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const PASSWORD = 'a lamp beside four herons';
const LOOKS = [
  { width: 1280, colors: 'light' },
  { width: 390, colors: 'dark' },
] as const;
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</title></textarea></option></select><script>alert(2)</script>',
  '\u202Etxt.exe\u2066 {{7*7}}',
  'long-name-without-a-space-'.repeat(8).slice(0, 200),
];

let portal: TestPortal;
let browser: Browser;
before(async () => {
  portal = await startTestPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

const textOf = async (page: Page, selector: string) => (await page.locator(selector).textContent()) ?? '';

test('without scripts and on a phone: the first account, a token, an invitation, a new password', async () => {
  const look = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };
  const ada = await (await newContext(browser, look)).newPage();
  await ada.goto(portal.setupLink ?? '');
  await ada.getByLabel('Name').fill('ada');
  await ada.getByLabel('Password', { exact: true }).fill('short');
  await ada.getByLabel('Repeat password').fill('short');
  await ada.getByRole('button', { name: 'Create account' }).click();
  assert.match(await textOf(ada, '[role=alert]'), /at least 12 are required/);
  assert.equal(await ada.getByLabel('Name').inputValue(), 'ada');
  await ada.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ada.getByLabel('Repeat password').fill(PASSWORD);
  await ada.getByRole('button', { name: 'Create account' }).click();
  assert.equal(ada.url(), `${portal.url}/`);

  // As the first page says it.
  await ada.getByLabel('App name').fill('shop');
  await ada.getByRole('button', { name: 'Open settings' }).click();
  await ada.getByLabel('Label').fill('web servers');
  await ada.getByRole('button', { name: 'Create token' }).click();
  assert.match(
    await textOf(ada, '#commands'),
    /^\(umask 077; echo cmt_[\w-]{43} > crashmon-token\)\ncrashmon run/,
  );
  await ada.getByRole('link', { name: 'Done' }).click();
  await ada.locator('tr', { hasText: 'web servers' }).locator('summary').click();
  await ada.getByRole('button', { name: 'Revoke token' }).click();
  assert.match(await textOf(ada, '[role=status].notice'), /Token revoked/);
  assert.match(await textOf(ada, 'main'), /ada\s*revoked a token/);

  await ada.goto(`${portal.url}/api-tokens`);
  await ada.getByLabel('Name').fill('Grafana');
  await ada.getByLabel('only these').check();
  await ada.getByLabel('fleet:read').check();
  await ada.getByLabel('Valid for').selectOption('30');
  await ada.getByRole('button', { name: 'Create token' }).click();
  assert.match(await textOf(ada, '[role=alert]'), /Enter the apps, or choose all apps/);
  assert.equal(await ada.getByLabel('Name').inputValue(), 'Grafana');
  assert.ok(await ada.getByLabel('fleet:read').isChecked());
  await ada.getByLabel('Apps, one per line').fill('shop\n\n blog ');
  await ada.getByRole('button', { name: 'Create token' }).click();
  const secret = await textOf(ada, '#secret');
  assert.match(secret, /^cmr_[0-9A-Za-z]{57}$/);
  const read = () => fetch(`${portal.url}/api/v1/apps`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await read()).status, 200);
  await ada.getByRole('link', { name: 'Done' }).click();
  const row = ada.locator('tr', { hasText: 'Grafana' });
  assert.match((await row.textContent()) ?? '', /crashes:read fleet:read shop and blog/);
  assert.doesNotMatch((await row.textContent()) ?? '', new RegExp(secret.slice(12)));
  await row.locator('summary').click();
  await ada.getByRole('button', { name: 'Revoke token' }).click();
  assert.match(await textOf(ada, '[role=status].notice'), /Token revoked/);
  assert.equal((await read()).status, 401);

  await ada.goto(`${portal.url}/admin`);
  assert.match(await textOf(ada, 'main'), /revoked an API token/);
  await ada.getByLabel('Name').fill('grace');
  await ada.getByRole('button', { name: 'Invite' }).click();
  assert.match(await textOf(ada, '[role=alert]'), /Enter an app/);
  assert.equal(await ada.getByLabel('Name').inputValue(), 'grace');
  await ada.getByLabel('App', { exact: true }).fill('shop');
  await ada.getByRole('button', { name: 'Invite' }).click();
  const link = await textOf(ada, '#address');

  const grace = await (await newContext(browser, look)).newPage();
  await grace.goto(link);
  await grace.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await grace.getByLabel('Repeat password').fill(PASSWORD);
  await grace.getByRole('button', { name: 'Set password' }).click();
  await grace.goto(`${portal.url}/account`);
  assert.match(await textOf(grace, '.lead'), /viewer of shop/);
  await grace.getByLabel('Current password').fill(PASSWORD);
  await grace.getByLabel('New password').fill('another lamp, other herons');
  await grace.getByLabel('Repeat password').fill('another lamp, other herons');
  await grace.getByRole('button', { name: 'Change password' }).click();
  assert.match(await textOf(grace, '[role=status].notice'), /Password changed/);
  await grace.locator('header summary').click();
  await grace.getByRole('button', { name: 'Sign out' }).click();
  assert.match(await textOf(grace, '[role=status].notice'), /You are signed out/);
  await grace.goto(`${portal.url}/apps/shop`);
  await grace.getByLabel('Name').fill('grace');
  await grace.getByLabel('Password').fill('another lamp, other herons');
  await grace.getByRole('button', { name: 'Sign in' }).click();
  assert.equal(grace.url(), `${portal.url}/apps/shop`);

  await ada.goto(`${portal.url}/admin`);
  await ada.getByRole('link', { name: 'grace' }).click();
  await ada.locator('summary', { hasText: 'Remove account' }).click();
  await ada.getByRole('button', { name: 'Remove grace' }).click();
  assert.match(await textOf(ada, '[role=status].notice'), /Account removed/);
  await grace.reload();
  assert.match(grace.url(), /\/sign-in\?next=%2Fapps%2Fshop$/);
  for (const page of [ada, grace]) await page.context().close();
});

for (const look of LOOKS) {
  test(`what others chose runs nothing, and all can read it, ${look.width} px wide, ${look.colors}`, async () => {
    const { store, parts, url } = portal;
    const owner = { passwordHash: '!', grants: [{ app: '*', role: 'admin' as const }], atMs: Date.now() };
    const names = HOSTILE.map((text) => `${text} ${look.width} ${look.colors}`);
    const owners = [];
    for (const name of names) owners.push(await store.createAccount({ name, ...owner }));
    for (const text of HOSTILE) {
      const [me] = owners;
      await store.addGrant(me?.id ?? '', { app: text, role: 'viewer' });
      await store.createToken({
        app: text,
        label: text.slice(0, 100),
        secretHash: `${text} ${look.width} ${look.colors}`,
        by: text,
        atMs: Date.now(),
      });
      await createApiToken(
        parts,
        { ...(me as Account), grants: owner.grants },
        { name: text.slice(0, 100), scopes: ['crashes:read'], apps: [text], validForMs: 3_600_000 },
        text,
      );
      await store.audit({ atMs: Date.now(), who: text, what: text, app: text, detail: text });
    }
    const hostile = owners[0]?.id ?? '';
    const app = encodeURIComponent(HOSTILE[3] ?? '');
    const context = await newContext(browser, {
      viewport: { width: look.width, height: 844 },
      colorScheme: look.colors,
    });
    const page = await context.newPage();
    const said = complaintsOf(page);
    const check = async (what: string) => {
      assert.deepEqual(await violations(page), [], what);
      assert.deepEqual(await faults(page), { duplicates: [], overflow: 0 }, what);
      assert.equal(await page.locator('h1').count(), 1, what);
      assert.deepEqual(said, [], what);
    };
    for (const path of ['/sign-in', await setupLink(parts, hostile), await signInLink(parts, hostile)]) {
      await page.goto(new URL(path, url).href);
      await check(path);
    }
    await page.getByRole('button', { name: 'Sign in as' }).click();
    for (const path of [
      '/account',
      '/admin',
      '/admin/audit',
      '/api-tokens',
      `/admin/accounts/${hostile}`,
      `/apps/${app}/settings`,
    ]) {
      await page.goto(url + path);
      await check(path);
    }
    await page.getByLabel('Label').fill(HOSTILE[0] ?? '');
    await page.getByRole('button', { name: 'Create token' }).click();
    await check('a new token');
    await page.goto(`${url}/api-tokens`);
    await page.getByLabel('Name').fill(HOSTILE[0] ?? '');
    await page.getByRole('button', { name: 'Create token' }).click();
    await check('a new API token');
    await page.goto(`${url}/admin/accounts/${hostile}`);
    await page.getByRole('button', { name: 'Create link' }).click();
    await check('a link');
    await context.close();
  });
}

test('what is refused is said on a page that all can read', async () => {
  const page = await (await newContext(browser)).newPage();
  const answers: [string, number][] = [];
  await page.goto(`${portal.url}/setup/${'A'.repeat(43)}`);
  answers.push([await textOf(page, 'h1'), (await violations(page)).length]);
  await page.goto(`${portal.url}/sign-in`);
  await page.getByLabel('Name').fill('unknown');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  answers.push([await textOf(page, '[role=alert]'), (await violations(page)).length]);
  assert.equal(await page.evaluate('document.activeElement.name'), 'password');
  assert.deepEqual(answers, [
    ['This link was used or has expired', 0],
    ['Name or password is wrong.', 0],
  ]);
  await page.close();
});
