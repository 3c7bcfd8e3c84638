import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { limitRequests, REQUESTS_A_MINUTE } from './limit-requests.ts';

test('an address that asks too often gets 429 until a little later, another one does not', async () => {
  let nowMs = 0;
  const server = fastify();
  limitRequests(server, { now: () => nowMs });
  server.get('/', async () => 'here');
  const ask = async (remoteAddress: string) => {
    const { statusCode, headers } = await server.inject({ url: '/', remoteAddress });
    return { statusCode, retryAfter: headers['retry-after'] };
  };
  for (let count = 0; count < REQUESTS_A_MINUTE; count++) {
    assert.equal((await ask('192.0.2.1')).statusCode, 200);
  }
  assert.deepEqual(await ask('192.0.2.1'), { statusCode: 429, retryAfter: '1' });
  assert.equal((await ask('192.0.2.2')).statusCode, 200);
  nowMs += 1000;
  assert.equal((await ask('192.0.2.1')).statusCode, 200);
  await server.close();
});
