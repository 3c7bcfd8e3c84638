import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestPortal } from '../support/portal/start-portal.ts';

test('every answer of the portal forbids browsers what it does not need, and to keep a page', async () => {
  await using portal = await startTestPortal();
  const cookie = await portal.signIn();
  const ask = async (address: string, options: RequestInit) => {
    const answer = await fetch(`${portal.url}${address}`, { redirect: 'manual', ...options });
    await answer.arrayBuffer();
    return answer;
  };
  const get = (address: string, headers = {}) => ask(address, { headers });
  const answers = {
    page: await get('/', { cookie, accept: 'text/html' }),
    'page of an app': await get('/apps/shop', { cookie, accept: 'text/html' }),
    API: await get('/api/v1/apps', { cookie }),
    'API without a session': await get('/api/v1/apps'),
    'sign-in': await get('/sign-in', { accept: 'text/html' }),
    'no such page': await get('/no-such-page', { cookie, accept: 'text/html' }),
    ingest: await ask('/v1/logs', { method: 'POST', body: '{}' }),
  };
  for (const [name, { status, headers }] of Object.entries(answers)) {
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/, `${name}, ${status}`);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/, name);
    assert.deepEqual(
      [headers.get('x-content-type-options'), headers.get('x-frame-options'), headers.get('referrer-policy')],
      ['nosniff', 'DENY', 'same-origin'],
      name,
    );
    assert.equal(headers.get('server') ?? headers.get('x-powered-by'), null, name);
    // What holds data of apps is kept by no cache.
    if (name !== 'ingest') assert.match(headers.get('cache-control') ?? '', /no-store/, `${name}, ${status}`);
    assert.equal(headers.get('access-control-allow-origin'), null, name);
  }
});
