import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { crashRecord } from '../../support/portal/records.ts';
import { agentRequest } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const AGENTS = 600;

test('agents that all come back at once are all served, each crash once', async () => {
  await using portal = await startTestPortal();
  const tries = await Promise.all(
    Array.from({ length: AGENTS }, (_, number) => sendUntilTaken(portal, number)),
  );
  assert.equal(tries.length, AGENTS);
  const instances = await portal.store.instances('shop', Date.now());
  assert.equal(instances.length, AGENTS);
  assert.ok(instances.every(({ crashesTotal }) => crashesTotal === 2));
});

test('connections that send nothing do not delay a request', async () => {
  await using portal = await startTestPortal();
  const silent = await Promise.all(
    Array.from({ length: AGENTS }, () => connected(Number(new URL(portal.url).port))),
  );
  assert.equal(await sendUntilTaken(portal, 0), 1);
  for (const socket of silent) socket.destroy();
});

async function connected(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** As an agent does, on a connection of its own. @returns how often it asked */
async function sendUntilTaken(portal: TestPortal, number: number): Promise<number> {
  const uid = number.toString(16).padStart(23, '0');
  const records = [crashRecord(`${uid}a`, Date.now()), crashRecord(`${uid}b`, Date.now())];
  const body = JSON.stringify(agentRequest(records, { instance: `web-${number}` }));
  for (let count = 1; ; count++) if ((await post(portal, body)) === 200) return count;
}

function post({ url, token }: TestPortal, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = http.request(`${url}/v1/logs`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  request.once('response', (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
  });
  request.once('error', reject).end(body);
  return promise;
}
