import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setupLink, signInLink } from '../../../src/portal/access/domain/links.ts';
import { Person } from '../../support/portal/person.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';
import { inputs } from '../../support/rounds.ts';

const FIELDS = [
  'csrf',
  'name',
  'password',
  'again',
  'current',
  'next',
  'app',
  'access',
  'role',
  'label',
  'token',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '*', '\0', '%', '%00', '\ud800', '..', 'x'.repeat(5000), '<script>', '__proto__'),
);
const form = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...FIELDS), text), text), { maxLength: 8 })
  .map((pairs) =>
    new URLSearchParams(
      pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
    ).toString(),
  );
const body = fc.oneof(
  form.map((value) => ({ type: 'application/x-www-form-urlencoded', value: Buffer.from(value) })),
  fc.uint8Array({ maxLength: 200 }).map((value) => ({
    type: 'application/x-www-form-urlencoded',
    value: Buffer.from(value),
  })),
  fc.json().map((value) => ({ type: 'application/json', value: Buffer.from(value) })),
  fc.uint8Array({ maxLength: 60 }).map((value) => ({ type: 'application/json', value: Buffer.from(value) })),
  fc
    .constantFrom('text/plain', 'multipart/form-data; boundary=x', 'x', 'application/json; charset=\u00ff')
    .map((type) => ({ type, value: Buffer.from('name=x') })),
);

test('whatever is sent as a form is answered, changes nothing, and ends no portal', async () => {
  await using portal = await startTestPortal();
  const { store, parts } = portal;
  const grants = [{ app: '*', role: 'admin' as const }];
  const owner = await store.createAccount({ name: 'ada', passwordHash: '!', grants, atMs: Date.now() });
  const ada = new Person(portal.url);
  await ada.post(await signInLink(parts, owner.id));
  await ada.get('/account');
  const link = new URL(await setupLink(parts, owner.id)).pathname;
  const paths = [
    ...['/sign-in', link, `/setup/${'A'.repeat(43)}`, `/link/${'A'.repeat(43)}`, '/account/password'],
    ...['/account/sessions/end', '/admin/accounts', `/admin/accounts/${owner.id}/grants`],
    ...[
      '/apps/shop/settings/tokens/revoke',
      '/apps/shop/settings/people',
      '/apps/shop/settings/people/remove',
    ],
  ];
  const before = JSON.stringify([
    await store.accounts(),
    await store.tokens('*'),
    await store.auditEntries('*', 99),
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      body,
      fc.boolean(),
      async (path, { type, value }, isSignedIn) => {
        const { status } = await fetch(portal.url + path, {
          method: 'POST',
          redirect: 'manual',
          headers: {
            'content-type': Buffer.from(type).toString('latin1'),
            // With the token all the way to what the form says.
            ...(isSignedIn ? { cookie: ada.cookie, 'x-csrf-token': ada.csrf } : {}),
          },
          body: value,
        });
        assert.ok(status >= 300 && status < 500, `${path}: ${status}`);
      },
    ),
    { numRuns: inputs(400) },
  );
  const after = JSON.stringify([
    await store.accounts(),
    await store.tokens('*'),
    await store.auditEntries('*', 99),
  ]);
  assert.equal(after, before);
  assert.equal((await ada.get('/account')).status, 200);
});

test('whatever a cookie or an address holds, it signs in no account', async () => {
  await using portal = await startTestPortal();
  const header = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ maxLength: 60 }).map((value) => `crashmon=${value}`),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.string({ unit: 'binary', maxLength: 30 }), async (cookie, secret) => {
      const sent = /^[\x20-\x7e]*$/.test(cookie) ? { cookie } : {};
      const page = await fetch(`${portal.url}/account`, { headers: sent, redirect: 'manual' });
      assert.equal(page.status, 401);
      const path = encodeURIComponent(secret.toWellFormed());
      const link = await fetch(`${portal.url}/setup/${path}x`, { headers: sent, redirect: 'manual' });
      assert.ok([404, 410].includes(link.status), `${path}: ${link.status}`);
    }),
    { numRuns: inputs(150) },
  );
});
