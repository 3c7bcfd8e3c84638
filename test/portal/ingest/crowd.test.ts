import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ConnectionGate, GATE_BOUNDS } from '../../../src/portal/http/connection-gate.ts';
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

test('the gate lets in one after the other, in their order', async () => {
  const order: string[] = [];
  await using served = await gated({ atOnce: 1 }, (request, response) => {
    order.push(request.url ?? '');
    setImmediate(() => response.end());
  });
  const urls = Array.from({ length: 20 }, (_, number) => `/${number}`);
  const sockets = [];
  for (const url of urls) sockets.push(await ask(served.port, url));
  const answers = await Promise.all(sockets.map(everything));
  assert.ok(answers.every((answer) => answer.startsWith('HTTP/1.1 200')));
  assert.deepEqual(order, urls);
});

test('connections that say nothing hold up nobody for long', async () => {
  await using served = await gated({ atOnce: 2, silentMs: 50 }, (_request, response) => response.end());
  const silent = await Promise.all(Array.from({ length: 5 }, () => connected(served.port)));
  const answer = await everything(await ask(served.port, '/'));
  assert.match(answer, /^HTTP\/1\.1 200/);
  for (const socket of silent) socket.destroy();
});

test('an answer that takes long does not either', async () => {
  await using served = await gated({ atOnce: 1, busyMs: 50 }, (request, response) => {
    if (request.url === '/') response.end();
  });
  const long = await ask(served.port, '/long');
  assert.match(await everything(await ask(served.port, '/')), /^HTTP\/1\.1 200/);
  long.destroy();
});

test('who waited in vain is told to come again', async () => {
  const bounds = { atOnce: 1, waitMs: 50, silentMs: 60_000, busyMs: 60_000 };
  await using served = await gated(bounds, () => {});
  const first = await ask(served.port, '/');
  const answer = await everything(await ask(served.port, '/'));
  assert.match(answer, /^HTTP\/1\.1 503 .*\r\nretry-after: \d+\r\n/s);
  first.destroy();
});

async function gated(bounds: Partial<typeof GATE_BOUNDS>, answer: http.RequestListener) {
  const server = http.createServer(answer);
  const gate = new ConnectionGate(server, false, { ...GATE_BOUNDS, ...bounds });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      gate[Symbol.dispose]();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function connected(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function ask(port: number, url: string): Promise<net.Socket> {
  const socket = await connected(port);
  socket.write(`GET ${url} HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\r\n`);
  return socket;
}

async function everything(socket: net.Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
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
