import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { countConnections } from '../../src/worker/tcp-sockets.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('connections over TCP are counted; how many a process has over a Unix socket is not known', async () => {
  await using directory = await temporaryDirectory('sockets');
  assert.equal(countConnections(process.pid), 0);
  const local = createServer().listen(path.join(directory.path, 'socket'));
  await once(local, 'listening');
  assert.equal(countConnections(process.pid), null);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(countConnections(process.pid), 0);
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = await once(server, 'connection');
  assert.equal(countConnections(process.pid), 1);
  client.destroy();
  accepted.destroy();
  for (const each of [local, server]) {
    each.close();
    await once(each, 'close');
  }
});
