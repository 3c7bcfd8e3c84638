import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signInLink } from '../../../src/portal/access/domain/links.ts';
import type { Grant } from '../../../src/portal/store/access/access-store.ts';
import { Person } from '../../support/portal/person.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const PASSWORD = 'a lamp beside four herons';
const OWNER: Grant[] = [{ app: '*', role: 'admin' }];

async function account(portal: TestPortal, name: string, grants: Grant[] = OWNER): Promise<string> {
  const made = await portal.store.createAccount({ name, passwordHash: '!', grants, atMs: Date.now() });
  return made.id;
}

async function signedIn(
  portal: TestPortal,
  id: string,
  headers: Record<string, string> = {},
): Promise<Person> {
  const person = new Person(portal.url, headers);
  await person.post(await signInLink(portal.parts, id));
  await person.get('/account');
  return person;
}

const linkIn = (text: string) => /https?:\/\/[^<]*\/setup\/[\w-]{43}/.exec(text)?.[0] ?? '';
const audited = async (portal: TestPortal, app = '*') =>
  (await portal.store.auditEntries(app, 50)).map(({ who, what, detail }) => `${who} ${what} ${detail}`);

test('an owner invites a person, gives and takes access, and removes them', async () => {
  await using portal = await startTestPortal();
  const owner = await signedIn(portal, await account(portal, 'ada'));
  await owner.get('/admin');
  const invited = await owner.post('/admin/accounts', {
    name: ' Grace  Hopper ',
    access: 'viewer',
    app: 'shop',
  });
  assert.equal(invited.status, 200);
  const link = linkIn(invited.text);
  const grace = new Person(portal.url);
  // Before the link was used there is no way to sign in as her, whatever the password.
  for (const password of ['!', '', PASSWORD])
    assert.equal((await grace.post('/sign-in', { name: 'Grace Hopper', password })).status, 401);
  assert.match((await grace.get(link)).text, /For the account <b><bdi>Grace Hopper/);
  const form = { name: 'Another Person', password: PASSWORD, again: PASSWORD };
  assert.equal((await grace.post(link, form)).status, 303);
  assert.equal((await grace.get('/apps/shop')).status, 200);
  assert.equal((await grace.get('/apps/blog')).status, 404);
  assert.equal(await portal.store.accountByName('Another Person'), null);

  const id = (await portal.store.accountByName('grace hopper'))?.id ?? '';
  const at = `/admin/accounts/${id}`;
  assert.match((await owner.get(at)).text, /viewer of shop/);
  assert.equal((await owner.post(`${at}/grants`, { access: 'admin', app: 'blog' })).status, 303);
  assert.equal((await grace.get('/apps/blog/settings')).status, 200);
  assert.equal((await owner.post(`${at}/grants/remove`, { app: 'blog' })).status, 303);
  assert.equal((await grace.get('/apps/blog/settings')).status, 404);
  for (const app of ['x'.repeat(201), '\u0007', '*', ' ', ''])
    assert.equal((await owner.post(`${at}/grants`, { access: 'admin', app })).status, 400, app);

  assert.equal((await owner.post(`${at}/sessions/end`)).status, 303);
  assert.equal((await grace.get('/apps/shop')).status, 303);
  assert.equal((await grace.post('/sign-in', { name: 'grace hopper', password: PASSWORD })).status, 303);
  assert.equal((await owner.post(`${at}/remove`)).headers.get('location'), '/admin?done=removed');
  assert.equal((await grace.get('/apps/shop')).status, 303);
  assert.equal((await grace.post('/sign-in', { name: 'grace hopper', password: PASSWORD })).status, 401);
  assert.equal((await owner.get(at)).status, 404);

  assert.deepEqual((await audited(portal)).toReversed(), [
    'ada invite Grace Hopper: viewer of shop',
    'Grace Hopper password-set Grace Hopper',
    'ada grant-given Grace Hopper: admin of blog',
    'ada grant-taken Grace Hopper: admin of blog',
    'ada sessions-ended Grace Hopper',
    'ada account-removed Grace Hopper',
  ]);
  assert.match((await owner.get('/admin')).text, /removed the account <bdi class="soft">Grace Hopper/);
  assert.match(
    (await owner.get('/admin/audit')).text,
    /invited <bdi class="soft">Grace Hopper: viewer of shop/,
  );
});

test('the last owner stays one', async () => {
  await using portal = await startTestPortal();
  const id = await account(portal, 'ada');
  const owner = await signedIn(portal, id);
  await owner.get('/admin');
  const at = `/admin/accounts/${id}`;
  for (const [path, form] of [
    [`${at}/remove`, {}],
    [`${at}/grants/remove`, { app: '*' }],
    [`${at}/grants`, { access: 'viewer-everywhere' }],
  ] as const) {
    const refused = await owner.post(path, form);
    assert.equal(refused.status, 409, path);
    assert.match(refused.text, /role="alert">This is the last owner of the portal/, path);
  }
  assert.deepEqual(await audited(portal), []);
  await account(portal, 'grace');
  assert.equal((await owner.post(`${at}/grants`, { access: 'viewer-everywhere' })).status, 303);
  assert.equal((await owner.get('/admin')).status, 403);
});

test('a link for a forgotten password ends what was before, and works for one of twenty', async () => {
  await using portal = await startTestPortal();
  const owner = await signedIn(portal, await account(portal, 'ada'));
  const id = await account(portal, 'grace', []);
  const lost = await signedIn(portal, id);
  await owner.get('/admin');
  const older = linkIn((await owner.post(`/admin/accounts/${id}/link`)).text);
  const link = linkIn((await owner.post(`/admin/accounts/${id}/link`)).text);
  assert.equal((await new Person(portal.url).get(older)).status, 410);
  const attempts = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const password = `${PASSWORD} ${at}`;
      const { status } = await new Person(portal.url).post(link, { password, again: password });
      return { status, password };
    }),
  );
  const won = attempts.filter(({ status }) => status === 303);
  assert.equal(won.length, 1, attempts.map(({ status }) => status).join());
  assert.ok(attempts.every(({ status }) => status === 303 || status === 410));
  assert.equal((await lost.get('/account')).status, 303);
  const password = won[0]?.password ?? '';
  assert.equal((await new Person(portal.url).post('/sign-in', { name: 'grace', password })).status, 303);
});

test('links end by themselves', async () => {
  await using portal = await startTestPortal();
  const id = await account(portal, 'ada');
  const past = { ...portal.parts, now: () => Date.now() - 3_600_001 };
  const link = await signInLink(past, id);
  assert.equal((await new Person(portal.url).get(link)).status, 410);
  assert.equal((await new Person(portal.url).post(link)).status, 410);
});

describe('one’s own account', () => {
  test('shows the sessions, and ends those of one’s own alone', async () => {
    await using portal = await startTestPortal();
    const [adaId, graceId] = [await account(portal, 'ada'), await account(portal, 'grace')];
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const ada = await signedIn(portal, adaId, { 'user-agent': firefox });
    const phone = await signedIn(portal, adaId, { 'user-agent': '"><script>alert(1)</script>' });
    const grace = await signedIn(portal, graceId);
    const { text } = await ada.get('/account');
    assert.match(text, /Firefox on Linux/);
    assert.doesNotMatch(text, /<script>alert/);
    const idOf = async (id: string) => (await portal.store.sessions(id, Date.now()))[0]?.id ?? '';
    await ada.post('/account/sessions/end', { session: await idOf(graceId) });
    assert.equal((await grace.get('/account')).status, 200);
    await ada.post('/account/sessions/others');
    assert.equal((await phone.get('/account')).status, 303);
    assert.equal((await ada.get('/account')).status, 200);
    await ada.post('/account/sessions/end', { session: await idOf(adaId) });
    assert.equal((await ada.get('/account')).status, 303);
  });

  test('changes the password by the one before, and ends all other sessions', async () => {
    await using portal = await startTestPortal();
    const owner = await signedIn(portal, await account(portal, 'ada'));
    const id = await account(portal, 'grace', []);
    await owner.get('/admin');
    const link = linkIn((await owner.post(`/admin/accounts/${id}/link`)).text);
    const grace = new Person(portal.url);
    await grace.post(link, { password: PASSWORD, again: PASSWORD });
    const thief = await signedIn(portal, id);
    await grace.get('/account');
    const change = (current: string, password: string, again = password) =>
      grace.post('/account/password', { current, password, again });
    assert.match((await change('wrong', 'another lamp, other herons')).text, /The current password is wrong/);
    assert.match((await change(PASSWORD, 'grace grace grace')).text, /too similar to the name/);
    assert.match((await change(PASSWORD, 'another lamp, other herons', 'x')).text, /do not match/);
    const before = grace.cookie;
    const changed = await change(PASSWORD, 'another lamp, other herons');
    assert.equal(changed.headers.get('location'), '/account?done=password');
    assert.notEqual(grace.cookie, before);
    assert.match((await grace.get('/account?done=password')).text, /Password changed/);
    assert.equal((await thief.get('/account')).status, 303);
    assert.equal((await new Person(portal.url, { cookie: before }).get('/account')).status, 303);
    assert.deepEqual((await audited(portal))[0], 'grace password-changed grace');
  });
});

describe('an administrator of one app', () => {
  test('makes a token that is shown once, lets send and is revoked', async () => {
    await using portal = await startTestPortal();
    const id = await account(portal, 'grace', [{ app: "it's a shop", role: 'admin' }]);
    const grace = await signedIn(portal, id);
    const at = `/apps/${encodeURIComponent("it's a shop")}/settings`;
    await grace.get(at);
    const made = await grace.post(`${at}/tokens`, { label: '<b>web</b>' });
    assert.equal(made.status, 200);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    const token = /cmt_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    assert.match(made.text, /crashmon run --name &#39;it&#39;\\&#39;&#39;s a shop&#39; \\/);
    assert.ok(made.text.includes(`--portal ${portal.url} \\`));
    const after = (await grace.get(at)).text;
    assert.ok(!after.includes(token));
    assert.match(after, /&lt;b&gt;web&lt;\/b&gt;/);
    const send = (secret: string) =>
      fetch(`${portal.url}/v1/logs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: '{"resourceLogs":[]}',
      });
    const [kept] = await portal.store.tokens("it's a shop");
    const other = /cmt_[\w-]{43}/.exec((await grace.post(`${at}/tokens`, { label: '' })).text)?.[0] ?? '';
    assert.equal((await send(other)).status, 200);
    assert.equal((await grace.post(`${at}/tokens/revoke`, { token: kept?.id ?? '' })).status, 303);
    assert.equal((await send(token)).status, 401);
    assert.equal((await send(other)).status, 200);
    // Another app's token is none of hers.
    const [foreign] = await portal.store.tokens('shop');
    assert.equal((await grace.post(`${at}/tokens/revoke`, { token: foreign?.id ?? '' })).status, 404);
    assert.equal((await portal.store.tokens('shop'))[0]?.revokedAtMs, null);
    assert.deepEqual(
      (await audited(portal, "it's a shop")).map((entry) => entry.replace(/[0-9a-f]{12}/, 'ID')),
      [
        'grace token-revoked ID (<b>web</b>)',
        'grace token-created ID',
        'grace token-created ID (<b>web</b>)',
      ],
    );
  });

  test('lets people in to it and to nothing else', async () => {
    await using portal = await startTestPortal();
    const ada = await signedIn(portal, await account(portal, 'ada'));
    const grace = await signedIn(portal, await account(portal, 'grace', [{ app: 'shop', role: 'admin' }]));
    const alanId = await account(portal, 'alan', []);
    const alan = await signedIn(portal, alanId);
    const at = '/apps/shop/settings';
    await grace.get(at);
    const missing = await grace.post(`${at}/people`, { name: '"><img src=x>', role: 'viewer' });
    assert.equal(missing.status, 400);
    assert.match(missing.text, /No account has this name/);
    assert.doesNotMatch(missing.text, /<img/);
    assert.equal((await grace.post(`${at}/people`, { name: 'ALAN', role: 'owner' })).status, 400);
    assert.equal((await grace.post(`${at}/people`, { name: 'ALAN', role: 'viewer' })).status, 303);
    assert.equal((await alan.get('/apps/shop')).status, 200);
    assert.equal((await alan.get(at)).status, 403);
    assert.equal((await grace.post('/apps/*/settings/people', { name: 'grace', role: 'admin' })).status, 404);
    assert.equal(
      (await grace.post('/apps/blog/settings/people', { name: 'grace', role: 'admin' })).status,
      404,
    );
    assert.equal((await grace.post(`${at}/people/remove`, { account: alanId })).status, 303);
    assert.equal((await alan.get('/apps/shop')).status, 404);
    // An owner sees the app by being one, which is not hers to take.
    const owner = (await portal.store.accountByName('ada'))?.id ?? '';
    await grace.post(`${at}/people/remove`, { account: owner });
    assert.equal((await ada.get(at)).status, 200);
    assert.deepEqual((await audited(portal, 'shop')).toReversed(), [
      'grace grant-given alan: viewer',
      'grace grant-taken alan',
    ]);
  });
});
