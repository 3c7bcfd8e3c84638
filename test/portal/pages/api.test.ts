import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { assertFile } from '../../support/golden.ts';
import { type PagesPortal, startPagesPortal } from '../../support/portal/pages-portal.ts';
import { seedFleet } from '../../support/portal/seed.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
type Operation = {
  summary: string;
  parameters?: { in: string; name: string }[];
  responses: Record<string, { content?: { 'application/json'?: { schema: JsonSchema } } }>;
};
type OpenApi = { openapi: string; paths: Record<string, Record<string, Operation>> };

let portal: PagesPortal;
let headers: Record<string, string>;
let document: OpenApi;
let paths: OpenApi['paths'];
const given: Record<string, string> = { app: 'shop', instance: 'web-2', uid: 'shop000000' };

before(async () => {
  portal = await startPagesPortal();
  const now = Date.now();
  await seedFleet(portal.store, now);
  headers = await headersOf('ada', [{ app: '*', role: 'admin' }]);
  document = (await (await get('/api/openapi.json')).json()) as OpenApi;
  assert.equal(document.openapi, '3.1.0');
  paths = document.paths;
  const crash = await portal.store.crash('shop', 'shop000000');
  given.signature = crash?.signature ?? '';
});
after(async () => {
  await portal?.[Symbol.asyncDispose]();
});

async function headersOf(name: string, grants: Parameters<PagesPortal['signIn']>[1]) {
  const cookie = await portal.signIn(name, grants);
  return { cookie: `${cookie.name}=${cookie.value}` };
}

const get = (path: string, as: Record<string, string> = headers) => fetch(portal.url + path, { headers: as });
const filled = (path: string) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));

test('docs/openapi.json is this document', () => {
  assertFile('docs/openapi.json', `${JSON.stringify(document, null, 2)}\n`);
});

test('what each endpoint answers is what its document says', async () => {
  let answered = 0;
  for (const [path, operations] of Object.entries(paths)) {
    if (operations.get === undefined) continue;
    for (const query of path.endsWith('/crashes')
      ? ['?range=90d&limit=500', '?captured=yes&limit=1']
      : ['']) {
      const answer = await get(filled(path) + query);
      assert.equal(answer.status, 200, path);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      const schema: JsonSchema | undefined =
        operations.get.responses['200']?.content?.['application/json']?.schema;
      assert.ok(schema !== undefined, path);
      const parsed: z.ZodSafeParseResult<unknown> = z.fromJSONSchema(schema).safeParse(await answer.json());
      assert.deepEqual(parsed.error?.issues ?? [], [], path);
      answered++;
    }
  }
  assert.ok(answered > 9, `${answered} endpoints`);
});

test('it says what the pages say', async () => {
  const page = await (await get('/apps/shop?range=90d', { ...headers, accept: 'text/html' })).text();
  const summary = (await (await get('/api/v1/apps/shop/summary?range=90d')).json()) as {
    headline: string;
    rest: string;
    nextSteps: { place: string | null; knownCauses: { title: string }[] };
    causes: { crashes: number }[];
  };
  assert.ok(page.includes(summary.headline), summary.headline);
  assert.ok(page.includes(summary.rest), summary.rest);
  assert.equal(
    summary.causes.reduce((sum, { crashes }) => sum + crashes, 0),
    140,
  );
  const { place, knownCauses } = summary.nextSteps;
  assert.ok(place !== null && page.includes(place), `${place}`);
  for (const { title } of knownCauses) assert.ok(page.includes(title), title);
  const timeline = (await (await get('/api/v1/apps/shop/timeline?range=15d')).json()) as {
    series: { counts: number[] }[];
    other: number[];
  };
  const all = [...timeline.series.flatMap(({ counts }) => counts), ...timeline.other];
  const finding = await (await get('/apps/shop?range=15d', { ...headers, accept: 'text/html' })).text();
  const total = all.reduce((sum, count) => sum + count, 0);
  assert.ok(finding.includes(`shop crashed ${total} times in the last 15 days.`), `${total} in the chart`);
  const formed = (await (await get(`/api/v1/apps/shop/signatures/${given.signature}/formation`)).json()) as {
    parts: { used: boolean; text: string }[];
  };
  assert.ok(formed.parts.some(({ used, text }) => used && text.includes('Cart.total')));
});

test('without access to an app there is nothing about it, and errors have one form', async () => {
  const guest = await headersOf('guest', [{ app: 'blog', role: 'viewer' }]);
  for (const [path, operations] of Object.entries(paths)) {
    if (operations.get === undefined) continue;
    assert.equal((await get(filled(path), {})).status, 401, path);
    if (path.includes('{app}')) assert.equal((await get(filled(path), guest)).status, 404, path);
  }
  const apps = (await (await get('/api/v1/apps', guest)).json()) as { apps: { app: string }[] };
  assert.deepEqual(
    apps.apps.map(({ app }) => app),
    ['blog'],
  );
  for (const path of [
    '/api/v1/apps/shop/crashes?limit=501',
    '/api/v1/apps/shop/crashes?after=x',
    '/api/v1/apps/shop/timeline?range=2d',
    `/api/v1/apps/shop/crashes?version=${'x'.repeat(400)}`,
  ]) {
    const answer = await get(path);
    assert.equal(answer.status, 400, path);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const problem = (await answer.json()) as Record<string, unknown>;
    assert.equal(problem.status, 400);
    assert.equal(problem.code, 'BAD_REQUEST');
  }
  assert.equal((await get('/api/v1/apps/shop/crashes/none')).status, 404);
});

test('a list is read to its end a page at a time', async () => {
  const seen = new Set<string>();
  let after: string | null = null;
  for (let page = 0; page < 20; page++) {
    const query: string = `?range=90d&limit=9${after === null ? '' : `&after=${encodeURIComponent(after)}`}`;
    const answer = (await (await get(`/api/v1/apps/shop/crashes${query}`)).json()) as {
      items: { uid: string }[];
      next: string | null;
    };
    for (const { uid } of answer.items) seen.add(uid);
    after = answer.next;
    if (after === null) break;
  }
  assert.equal(after, null);
  assert.equal(seen.size, 140);
});

test('changes need an admin and the token that guards against forged requests', async () => {
  const path = `/api/v1/apps/shop/signatures/${given.signature}`;
  const { csrfToken } = (await (await get('/api/v1/session')).json()) as { csrfToken: string };
  const patch = (body: unknown, as: Record<string, string>) =>
    fetch(portal.url + path, {
      method: 'PATCH',
      headers: { ...as, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const admin = { ...headers, 'x-csrf-token': csrfToken };
  assert.equal((await patch({ note: 'x' }, headers)).status, 403);
  const viewer = await headersOf('viewer', [{ app: 'shop', role: 'viewer' }]);
  const own = (await (await get('/api/v1/session', viewer)).json()) as { csrfToken: string };
  assert.equal((await patch({ note: 'x' }, { ...viewer, 'x-csrf-token': own.csrfToken })).status, 403);
  assert.equal((await patch({ notes: 'x' }, admin)).status, 400);
  const answer = await patch({ note: 'seen', resolved: true }, admin);
  assert.equal(answer.status, 200);
  const detail = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual([detail.note, detail.status, detail.resolvedBy], ['seen', 'resolved', 'ada']);
});
