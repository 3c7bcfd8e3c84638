import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createApiToken } from '../../../src/portal/access/domain/create-api-token.ts';
import { assetsPrefix } from '../../../src/portal/http/assets.ts';
import { addParts, bareServer } from '../../../src/portal/start/build-server.ts';
import type { Account, ApiScope, Grant } from '../../../src/portal/store/access/access-store.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { crashRecord, sent } from '../../support/portal/records.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const DAY_MS = 86_400_000;
const ALL: ApiScope[] = ['crashes:read', 'fleet:read', 'metrics:read'];
const ROUTES = {
  'crashes:read': '/api/v1/apps/:app/crashes',
  'fleet:read': '/api/v1/apps/:app/instances',
  'metrics:read': '/metrics',
};
const OWNER: Grant[] = [{ app: '*', role: 'admin' }];

onBothDatabases((fresh, dialect) => {
  let portal: TestPortal;
  let made = 0;
  before(async () => {
    portal = await startTestPortal({ database: await fresh(), settings: { trustedProxies: ['127.0.0.1'] } });
    await portal.store.write([
      sent(crashRecord('c1', Date.now())),
      sent(crashRecord('c2', Date.now()), { app: 'blog' }),
    ]);
  });
  after(async () => {
    await portal?.[Symbol.asyncDispose]();
  });

  const newAccount = (grants = OWNER): Promise<Account> =>
    portal.store.createAccount({ name: `a${++made}`, passwordHash: '!', grants, atMs: Date.now() });
  async function newToken(
    scopes: ApiScope[] = ALL,
    { account, apps = null }: { account?: Account; apps?: string[] | null } = {},
  ) {
    const owner = account ?? (await newAccount());
    const wanted = { name: `t${made}`, scopes, apps, validForMs: DAY_MS };
    return { ...(await createApiToken(portal.parts, owner, wanted, owner.name)), account: owner };
  }
  // From another machine, since this one may read metrics.
  const ask = (path: string, secret: string, init: RequestInit = {}) =>
    fetch(portal.url + path, {
      redirect: 'manual',
      ...init,
      headers: { authorization: `Bearer ${secret}`, 'x-forwarded-for': '192.0.2.7', ...init.headers },
    });
  const statusOf = async (path: string, secret: string, init?: RequestInit) =>
    (await ask(path, secret, init)).status;
  const refusals = async (id: string) =>
    (await portal.store.auditEntries('*', 1000))
      .filter(({ what, detail }) => what === 'api-token-refused' && detail.includes(id))
      .map(({ detail }) => detail.slice(detail.indexOf(': ') + 2))
      .toReversed();

  test('reads what its scopes name, and its use is noted', async () => {
    const { secret, id } = await newToken();
    for (const path of [
      '/api/v1/apps',
      '/api/v1/apps/shop/crashes',
      '/api/v1/apps/shop/instances',
      '/metrics',
    ])
      assert.equal(await statusOf(path, secret), 200, path);
    assert.equal(await statusOf('/api/v1/apps', secret, { method: 'HEAD' }), 200);
    assert.match(
      await (await ask('/metrics', secret)).text(),
      /api_token_requests_total\{result="accepted"\} \d/,
    );
    assert.ok(((await portal.store.apiToken(id))?.lastUsedMs ?? 0) > 0);
    const stored = JSON.stringify(await portal.store.apiTokens('*'));
    assert.doesNotMatch(stored + portal.log(), new RegExp(secret.slice(12)));
  });

  test('of one scope, it reads nothing of the others', async () => {
    const paths = {
      'crashes:read': '/api/v1/apps/shop/crashes',
      'fleet:read': '/api/v1/apps/shop/instances',
      'metrics:read': '/metrics',
    } as const;
    for (const own of ALL) {
      const { secret, id } = await newToken([own]);
      for (const scope of ALL) {
        const answer = await ask(paths[scope], secret);
        assert.equal(answer.status, scope === own ? 200 : 403, `${scope} with ${own}`);
        if (scope !== own) assert.match(await answer.text(), /does not have the scope/);
      }
      const [first, second, ...more] = ALL.filter((scope) => scope !== own).map((scope) => ROUTES[scope]);
      assert.deepEqual(
        [await refusals(id), more],
        [[`missing scope, GET ${first}`, `missing scope, 2 times within an hour, last GET ${second}`], []],
      );
    }
    // A warning of an answer that was sent twice would have the address.
    assert.doesNotMatch(portal.log(), /"level":[45]0/);
  });

  test('limited to an app, it sees no other, in no list', async () => {
    const { secret } = await newToken(['crashes:read', 'fleet:read'], { apps: ['blog'] });
    assert.equal(await statusOf('/api/v1/apps/blog/crashes', secret), 200);
    const other = await ask('/api/v1/apps/shop/crashes', secret);
    assert.equal(other.status, 404);
    assert.equal(await other.text(), await (await ask('/api/v1/apps/never-was/crashes', secret)).text());
    const { apps } = (await (await ask('/api/v1/apps', secret)).json()) as { apps: { app: string }[] };
    assert.deepEqual(
      apps.map(({ app }) => app),
      ['blog'],
    );
    assert.equal(await statusOf('/metrics', secret), 403);
  });

  test('follows what its account can see, at once', async () => {
    const account = await newAccount([
      { app: 'shop', role: 'admin' },
      { app: 'blog', role: 'viewer' },
    ]);
    const { secret } = await newToken(ALL, { account });
    assert.equal(await statusOf('/api/v1/apps/shop/crashes', secret), 200);
    assert.equal(await statusOf('/metrics', secret), 404);
    await portal.store.removeGrant(account.id, 'shop');
    assert.equal(await statusOf('/api/v1/apps/shop/crashes', secret), 404);
    assert.equal(await statusOf('/api/v1/apps/blog/crashes', secret), 200);
  });

  test('of a removed account, revoked or expired, it is refused at the next request', async () => {
    const removed = await newToken();
    const revoked = await newToken();
    await newAccount();
    for (const { secret } of [removed, revoked]) assert.equal(await statusOf('/api/v1/apps', secret), 200);
    await portal.store.removeAccount(removed.account.id);
    await portal.store.revokeApiToken(revoked.id, Date.now());
    const owner = await newAccount();
    const wanted = { name: 'late', scopes: ALL, apps: null, validForMs: DAY_MS };
    const past = { store: portal.store, now: () => Date.now() - DAY_MS };
    const expired = await createApiToken(past, owner, wanted, owner.name);
    for (const [{ secret, id }, why, words] of [
      [removed, 'account removed', /was removed/],
      [revoked, 'revoked', /was revoked/],
      [expired, 'expired', /has expired/],
    ] as const) {
      for (const path of ['/api/v1/apps', '/metrics']) {
        const answer = await ask(path, secret);
        assert.equal(answer.status, 401, why);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
        assert.match(await answer.text(), words);
      }
      assert.deepEqual(await refusals(id), [
        `${why}, GET /api/v1/apps`,
        `${why}, 2 times within an hour, last GET /metrics`,
      ]);
    }
  });

  test('changes nothing, and reaches nothing but what scopes name', async () => {
    const { secret } = await newToken();
    const log = (await portal.store.auditEntries('*', 1000)).length;
    const cookie = await portal.signIn();
    const found: { method: string; path: string }[] = [];
    const server = bareServer(portal.parts.settings, { write: () => true });
    server.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) found.push({ method: each, path: url });
    });
    await addParts(server, portal.parts, assetsPrefix());
    await server.ready();
    await server.close();
    const reached = new Set<string>();
    // What agents send has tokens of its own; see below.
    const asked = found.filter(
      ({ method, path }) => !['HEAD', 'OPTIONS'].includes(method) && !path.startsWith('/v1/'),
    );
    for (const { method, path } of asked) {
      const url = path.replace(':app', 'shop').replaceAll(/:\w+/g, 'x').replace('*', 'x');
      for (const headers of [{}, { 'x-csrf-token': 'x' }]) {
        const body = method === 'GET' ? {} : { body: new URLSearchParams() };
        const status = await statusOf(url, secret, { method, headers, ...body });
        if (![303, 401, 403].includes(status)) reached.add(`${method} ${path}`);
      }
    }
    const OPEN =
      /^GET \/(?:livez|readyz|healthz|assets\/.*|api\/openapi\.json)$|(?:setup|link|unsubscribe)\/:|sign-in$/;
    assert.deepEqual([...reached].filter((route) => !OPEN.test(route)).toSorted(), [
      'GET /api/v1/apps',
      'GET /api/v1/apps/:app/crashes',
      'GET /api/v1/apps/:app/crashes/:uid',
      'GET /api/v1/apps/:app/instances',
      'GET /api/v1/apps/:app/instances/:instance',
      'GET /api/v1/apps/:app/signatures',
      'GET /api/v1/apps/:app/signatures/:signature',
      'GET /api/v1/apps/:app/signatures/:signature/formation',
      'GET /api/v1/apps/:app/summary',
      'GET /api/v1/apps/:app/timeline',
      'GET /metrics',
    ]);
    // A cookie beside it does not help.
    for (const path of ['/api/v1/session', '/api/v1/apps/shop/sessions'])
      assert.equal(await statusOf(path, secret, { headers: { cookie } }), 403, path);
    const added = (await portal.store.auditEntries('*', 1000)).slice(0, -log);
    assert.deepEqual(
      added.filter(({ what }) => what !== 'api-token-refused'),
      [],
    );
  });

  test('in an address it is refused, and so it is known to be exposed', async () => {
    const { secret, id } = await newToken();
    const cookie = await portal.signIn();
    for (const path of [`/api/v1/apps?access_token=${secret}`, `/metrics?token=${secret}`]) {
      const answer = await fetch(portal.url + path, { headers: { 'x-forwarded-for': '192.0.2.7' } });
      assert.equal(answer.status, 400, path);
      assert.match(await answer.text(), /Revoke the token/);
      assert.equal(await statusOf(path, secret, { headers: { cookie } }), 400);
    }
    assert.deepEqual(await refusals(id), [
      'sent in an address, GET /api/v1/apps',
      'sent in an address, 3 times within an hour, last GET /metrics',
    ]);
    assert.doesNotMatch(portal.log(), new RegExp(secret.slice(4)));
  });

  test('of another case, changed, long or empty, it is none', async () => {
    const { secret, id } = await newToken();
    const other = await newToken();
    const cookie = await portal.signIn();
    for (const text of [
      ...[
        secret.toUpperCase(),
        secret.toLowerCase(),
        secret.slice(0, -1),
        `${secret}0`,
        `${secret} ${secret}`,
      ],
      ...['cmr_', `cmr_${'x'.repeat(8_000)}`, `cmr_${'0'.repeat(57)}`, `${secret},${other.secret}`],
      ...[`cmr_${'%00'.repeat(19)}`, portal.token.replace('cmt_', 'cmr_')],
    ]) {
      for (const headers of [{}, { cookie }])
        if (text.startsWith('cmr_'))
          assert.equal(await statusOf('/api/v1/apps', text, { headers }), 401, text.slice(0, 70));
      if (!text.startsWith('cmr_'))
        assert.equal(await statusOf('/api/v1/apps', text), 401, text.slice(0, 70));
    }
    assert.equal(await statusOf('/api/v1/apps', `cmr_${'x'.repeat(20_000)}`), 431);
    // The ID is no secret: pages show it.
    assert.deepEqual(await refusals(id), []);
    assert.equal(await statusOf('/api/v1/apps', portal.token), 401, 'an ingest token reads nothing');
    const logs = await ask('/v1/logs', secret, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(logs.status, 401, 'and an API token sends nothing');
  });

  if (dialect === 'sqlite') {
    test('also where metrics are read, an address has as many requests as for pages', async () => {
      const { secret } = await newToken();
      const wrong = async () =>
        statusOf('/metrics', `${secret}x`, { headers: { 'x-forwarded-for': '192.0.2.9' } });
      const seen = new Set<number>();
      // 20 more are allowed each second.
      for (let sent = 0; sent < 6000 && !seen.has(429); sent += 100)
        for (const status of await Promise.all(Array.from({ length: 100 }, wrong))) seen.add(status);
      assert.deepEqual([...seen].toSorted(), [401, 429]);
      assert.equal(await statusOf('/metrics', secret), 200, 'others are not affected');
    });
  }

  describe('creating one', () => {
    test('is refused with what is wrong', async () => {
      const account = await newAccount([{ app: 'shop', role: 'admin' }]);
      const right = { name: 'x', scopes: ALL.slice(0, 2), apps: null as string[] | null, validForMs: DAY_MS };
      for (const [wrong, why] of [
        [{ name: '  ' }, /a name/],
        [{ name: 'x'.repeat(101) }, /a name/],
        [{ name: 'a\nb' }, /a name/],
        [{ scopes: [] }, /at least one scope/],
        [{ validForMs: 0 }, /up to 365 days/],
        [{ validForMs: 366 * DAY_MS }, /up to 365 days/],
        [{ validForMs: Number.NaN }, /up to 365 days/],
        [{ apps: [] }, /Enter the apps/],
        [{ apps: ['blog'] }, /no access/],
        [{ apps: ['*'] }, /Invalid app name/],
        [{ apps: Array.from({ length: 51 }, () => 'shop') }, /up to 50 apps/],
        [{ apps: ['shop'], scopes: ALL }, /about all apps/],
      ] as const) {
        const wanted = { ...right, ...wrong, scopes: wrong.scopes ?? right.scopes } as typeof right;
        await assert.rejects(createApiToken(portal.parts, account, wanted, 'x'), why);
      }
      for (let n = 0; n < 50; n++) await createApiToken(portal.parts, account, right, 'x');
      await assert.rejects(createApiToken(portal.parts, account, right, 'x'), /up to 50 API tokens/);
    });

    test('is in the audit log of the apps that it is limited to, as is its end', async () => {
      const { id, name, ...token } = await newToken(['fleet:read'], { apps: ['blog', 'shop'] });
      assert.equal(await portal.store.revokeApiToken(id, Date.now()), true);
      assert.equal(await portal.store.revokeApiToken(id, Date.now()), false);
      for (const app of ['blog', 'shop']) {
        const [entry] = await portal.store.auditEntries(app, 1);
        assert.equal(entry?.what, 'api-token-created');
        assert.equal(entry?.detail, `cmr_${id}… (${name}) of ${token.account.name}: fleet:read`);
      }
    });
  });

  test('one that ended is deleted after 90 days', async () => {
    const { id } = await newToken();
    for (const [days, kept] of [
      [90, true],
      [92, false],
    ] as const) {
      while (await portal.store.pruneSome(Date.now() + days * DAY_MS));
      assert.equal((await portal.store.apiToken(id)) !== null, kept, `${days} days`);
    }
  });
});
