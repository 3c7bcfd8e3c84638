import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureFirstAccount } from '../../../src/portal/access/domain/ensure-first-account.ts';
import { signInLink } from '../../../src/portal/access/domain/links.ts';
import { Person } from '../../support/portal/person.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';

const PASSWORD = 'a lamp beside four herons';

test('from the setup link to a page that is signed in, and in again by the password', async () => {
  await using portal = await startTestPortal();
  const link = portal.setupLink ?? '';
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/setup\/[\w-]{43}$/);
  const ada = new Person(portal.url);
  assert.equal((await ada.get('/')).status, 303);
  const page = await ada.get(link);
  assert.equal(page.status, 200);
  assert.match(page.text, /Create the first account/);
  // Looking uses nothing up, neither does a password that will not do.
  for (const form of [
    { name: 'Ada', password: 'short', again: 'short' },
    { name: 'Ada', password: 'password1234', again: 'password1234' },
    { name: 'Ada', password: PASSWORD, again: `${PASSWORD}!` },
    { name: '<script>alert(1)</script>', password: PASSWORD, again: PASSWORD },
  ]) {
    const refused = await ada.post(link, form);
    assert.equal(refused.status, 400, form.name);
    assert.match(refused.text, /role="alert"/);
    assert.doesNotMatch(refused.text, /<script>alert/);
  }
  const made = await ada.post(link, { name: 'Ada', password: PASSWORD, again: PASSWORD });
  assert.equal(made.status, 303);
  assert.equal(made.headers.get('location'), '/');
  assert.match((await ada.get('/')).text, /Ada<\/bdi>/);
  assert.equal((await new Person(portal.url).get(link)).status, 410);

  assert.equal((await ada.post('/sign-out')).headers.get('location'), '/sign-in?done=out');
  assert.equal(ada.cookie, '');
  const wanted = await ada.get('/apps/shop?range=1d');
  assert.equal(wanted.headers.get('location'), '/sign-in?next=%2Fapps%2Fshop%3Frange%3D1d');
  const next = '/apps/shop?range=1d';
  const wrong = await ada.post('/sign-in', { name: 'ada', password: 'not the password', next });
  assert.equal(wrong.status, 401);
  const right = await ada.post('/sign-in', { name: 'aDA', password: PASSWORD, next });
  assert.equal(right.headers.get('location'), next);
  assert.equal((await ada.get(next)).status, 200);
});

test('the first account from a secret is there without a link, and a later start changes nothing', async () => {
  const settings = { firstAccount: { name: 'ada', password: PASSWORD } };
  await using portal = await startTestPortal({ settings });
  assert.equal(portal.setupLink, null);
  const signIn = (password: string) => new Person(portal.url).post('/sign-in', { name: 'ada', password });
  assert.equal((await signIn(PASSWORD)).status, 303);
  const other = { ...portal.parts, settings: { ...portal.parts.settings, firstAccount: null } };
  for (const firstAccount of [
    { name: 'ada', password: `${PASSWORD}!` },
    { name: 'eve', password: PASSWORD },
  ]) {
    assert.equal(await ensureFirstAccount({ ...other, settings: { ...other.settings, firstAccount } }), null);
  }
  assert.deepEqual(
    (await portal.store.accounts()).map(({ name }) => name),
    ['ada'],
  );
  assert.equal((await signIn(`${PASSWORD}!`)).status, 401);
});

test('a link signs in once', async () => {
  await using portal = await startTestPortal();
  const atMs = Date.now();
  const account = await portal.store.createAccount({ name: 'demo', passwordHash: '!', grants: [], atMs });
  const link = await signInLink(portal.parts, account.id);
  const person = new Person(portal.url);
  assert.match((await person.get(link)).text, /Sign in as <bdi class="clip">demo/);
  assert.equal((await person.post(link)).headers.get('location'), '/');
  assert.equal((await person.get('/')).status, 200);
  assert.equal((await new Person(portal.url).post(link)).status, 410);
});
