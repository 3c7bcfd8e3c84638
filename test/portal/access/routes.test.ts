import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { signInLink } from '../../../src/portal/access/domain/links.ts';
import { assetsPrefix } from '../../../src/portal/http/assets.ts';
import { addParts, bareServer } from '../../../src/portal/start/build-server.ts';
import { Person } from '../../support/portal/person.ts';
import { crashRecord, sent } from '../../support/portal/records.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';
import { seededRandom } from '../../support/seed.ts';

const random = seededRandom();

type Route = { method: string; path: string; beforeSession: boolean };

/** What is open to all: they say nothing that is stored, or have keys of their own. */
const OPEN =
  /^\/(?:livez|readyz|healthz|metrics|assets\/.*|sign-in|api\/openapi\.json|setup\/:secret|link\/:secret|unsubscribe\/:token)$/;

let portal: TestPortal;
let routes: Route[];
before(async () => {
  portal = await startTestPortal();
  await portal.store.write([
    sent(crashRecord('c1', Date.now())),
    sent(crashRecord('c2', Date.now()), { app: 'blog' }),
  ]);
  routes = await routesOf(portal);
});
after(async () => {
  await portal?.[Symbol.asyncDispose]();
});

/** All that the portal answers, as it is put together. */
async function routesOf({ parts }: TestPortal): Promise<Route[]> {
  const found: Route[] = [];
  const server = bareServer(parts.settings, { write: () => true });
  server.addHook('onRoute', ({ method, url, config }) => {
    const beforeSession = (config as { beforeSession?: boolean } | undefined)?.beforeSession === true;
    for (const each of [method].flat()) found.push({ method: each, path: url, beforeSession });
  });
  await addParts(server, parts, assetsPrefix());
  await server.ready();
  await server.close();
  // What agents send has tokens of its own.
  return found.filter(
    ({ path, method }) => !path.startsWith('/v1/') && method !== 'HEAD' && method !== 'OPTIONS',
  );
}

const pathFor = (path: string, app: string) =>
  path.replace(':app', encodeURIComponent(app)).replaceAll(/:\w+/g, 'x').replace('*', 'x');

/** Signed in by a link, so that it has a token for forms. */
async function signedIn(app: string, role: 'viewer' | 'admin' = 'viewer'): Promise<Person> {
  const name = `${role}-of-${app}-${random().toString(36).slice(2)}`.replaceAll('*', 'all');
  const grants = [{ app, role }];
  const account = await portal.store.createAccount({ name, passwordHash: '!', grants, atMs: Date.now() });
  const person = new Person(portal.url);
  await person.post(await signInLink(portal.parts, account.id));
  await person.get('/account');
  return person;
}

const ask = (person: Person, { method, path }: Route, app: string, headers: Record<string, string> = {}) =>
  person.send(method, pathFor(path, app), headers);

test('there are pages, exports, an API and forms to be looked at here', () => {
  const listed = routes.map(({ method, path }) => `${method} ${path}`);
  for (const one of [
    'GET /',
    'GET /apps/:app',
    'GET /apps/:app/history.csv',
    'GET /api/v1/apps/:app/crashes',
    'GET /live',
    'GET /admin',
    'POST /apps/:app/settings/tokens',
    'POST /apps/:app/signatures/:signature/note',
    'POST /sign-out',
  ])
    assert.ok(listed.includes(one), `${one} is not among ${listed.join(', ')}`);
});

test('without a session there is only the way in', async () => {
  for (const route of routes.filter(({ path }) => !OPEN.test(path))) {
    const answer = await ask(new Person(portal.url), route, 'shop');
    const what = `${route.method} ${route.path}`;
    assert.ok([303, 401].includes(answer.status), `${what}: ${answer.status}`);
    if (answer.status === 303) assert.match(answer.headers.get('location') ?? '', /^\/sign-in/, what);
    assert.doesNotMatch(answer.text, /TypeError|shop/, what);
  }
});

describe('an app that an account is not allowed to see', () => {
  test('is answered like one that does not exist, everywhere', async () => {
    const viewer = await signedIn('blog');
    const own = await viewer.get('/apps/blog');
    assert.equal(own.status, 200);
    for (const route of routes.filter(({ path }) => path.includes(':app'))) {
      const what = `${route.method} ${route.path}`;
      const other = await ask(viewer, route, 'shop', { 'x-csrf-token': viewer.csrf });
      const missing = await ask(viewer, route, 'never-was', { 'x-csrf-token': viewer.csrf });
      assert.equal(other.status, 404, what);
      assert.equal(other.text, missing.text, what);
    }
    assert.equal((await viewer.get('/live?app=shop')).status, 404);
  });

  test('is in no list', async () => {
    const viewer = await signedIn('blog');
    for (const path of ['/', '/api/v1/apps', '/account', '/api']) {
      const { status, text } = await viewer.get(path);
      assert.equal(status, 200, path);
      assert.doesNotMatch(text, /apps\/shop|"shop"/, path);
    }
  });
});

test('viewers change nothing of an app, and only owners see the administration', async () => {
  const viewer = await signedIn('shop');
  const admin = await signedIn('shop', 'admin');
  for (const route of routes.filter(
    ({ method, path }) => path.startsWith('/apps/:app') && method !== 'GET',
  )) {
    const answer = await ask(viewer, route, 'shop', { 'x-csrf-token': viewer.csrf });
    assert.equal(answer.status, 403, `${route.method} ${route.path}`);
  }
  for (const route of routes.filter(({ path }) => path.startsWith('/admin'))) {
    for (const person of [viewer, admin, await signedIn('*')]) {
      const answer = await ask(person, route, 'shop', { 'x-csrf-token': person.csrf });
      assert.equal(answer.status, 403, `${route.method} ${route.path}`);
    }
  }
  for (const route of routes.filter(({ path }) => path.startsWith('/api-tokens'))) {
    const answer = await ask(viewer, route, 'shop', { 'x-csrf-token': viewer.csrf });
    assert.equal(answer.status, 403, `${route.method} ${route.path}`);
  }
  assert.equal((await viewer.get('/apps/shop/settings')).status, 403);
  assert.equal((await admin.get('/apps/shop/settings')).status, 200);
  assert.equal((await admin.get('/apps/*/settings')).status, 404);
});

test('API tokens of others are seen and revoked by owners only', async () => {
  const [admin, other, owner] = [
    await signedIn('shop', 'admin'),
    await signedIn('shop', 'admin'),
    await signedIn('*', 'admin'),
  ];
  const form = { name: 'of-one-admin', scope: 'crashes:read', reach: 'all', days: '7' };
  const made = await admin.post('/api-tokens', form);
  const id = /cmr_([0-9A-Za-z]{8})/.exec(made.text)?.[1] ?? '';
  assert.doesNotMatch((await other.get('/api-tokens')).text, /of-one-admin/);
  assert.equal((await other.post('/api-tokens/revoke', { token: id })).status, 404);
  assert.equal((await portal.store.apiToken(id))?.revokedAtMs, null);
  assert.match((await owner.get('/api-tokens')).text, /of-one-admin/);
  assert.equal((await owner.post('/api-tokens/revoke', { token: id })).status, 303);
  assert.ok(((await portal.store.apiToken(id))?.revokedAtMs ?? 0) > 0);
});

describe('what changes something', () => {
  test('needs the token of the session that sends it', async () => {
    const owner = await signedIn('*', 'admin');
    const other = await signedIn('*', 'admin');
    const changing = routes.filter(({ method, beforeSession }) => method !== 'GET' && !beforeSession);
    assert.ok(changing.length > 10, `${changing.length}`);
    for (const route of changing) {
      const what = `${route.method} ${route.path}`;
      for (const token of [undefined, '', other.csrf, owner.csrf.slice(1)]) {
        const answer = await ask(owner, route, 'shop', token === undefined ? {} : { 'x-csrf-token': token });
        assert.equal(answer.status, 403, `${what} with ${token}`);
      }
    }
  });

  test('comes from a page of the portal, also before the sign-in', async () => {
    const owner = await signedIn('*', 'admin');
    const changing = routes.filter(({ method }) => method !== 'GET');
    const from: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: portal.url },
      { 'sec-fetch-site': 'same-site', origin: portal.url },
      { origin: `${portal.url}0` },
    ];
    for (const route of changing) {
      for (const headers of from) {
        const answer = await ask(owner, route, 'shop', { 'x-csrf-token': owner.csrf, ...headers });
        assert.equal(answer.status, 403, `${route.method} ${route.path} from ${JSON.stringify(headers)}`);
      }
    }
    assert.equal((await owner.get('/account')).status, 200);
  });

  test('is never a GET', async () => {
    const owner = await signedIn('*', 'admin');
    const log = (await portal.store.auditEntries('*', 1000)).length;
    for (const path of ['/sign-out', '/apps/shop/settings/tokens', '/account/password', '/admin/accounts'])
      assert.equal((await owner.get(path)).status, 404, path);
    assert.equal((await portal.store.auditEntries('*', 1000)).length, log);
  });
});

test('names that no app can have break nothing', async () => {
  const owner = await signedIn('*', 'admin');
  for (const app of ['\0', '\ud800', '*', '%', '..', ' ', '\u202e', '😀', 'x'.repeat(300), '__proto__']) {
    for (const route of routes.filter(({ method, path }) => method === 'GET' && path.includes(':app'))) {
      const url = pathFor(route.path, app.toWellFormed());
      const { status } = await owner.send('GET', url);
      assert.ok(status < 500, `${url}: ${status}`);
    }
  }
});
