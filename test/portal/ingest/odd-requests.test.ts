import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { requireAppName } from '../../../src/portal/access/domain/app-name.ts';
import { crashRecord } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';

test('an unknown transfer encoding is refused without an error in the log', async () => {
  await using own = await startTestPortal();
  const { hostname, port } = new URL(own.url);
  for (const path of ['/v1/logs', '/sign-in', '/api/v1/apps']) {
    const socket = net.connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write(`POST ${path} HTTP/1.1\r\nhost: portal\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 400 /, path);
    socket.destroy();
  }
  assert.doesNotMatch(own.log(), /"level":[56]0/);
});

test('apps and instances that browsers take for directories are refused', async () => {
  await using own = await startTestPortal();
  const record = crashRecord('a'.repeat(24), Date.now());
  for (const name of ['.', '..']) {
    const answer = await sendLogs(own, agentRequest([record], { instance: name }));
    assert.equal(answer.json.partialSuccess?.rejectedLogRecords, '1');
    assert.match(answer.json.partialSuccess.errorMessage, /service.instance.id can be neither \. nor \.\./);
    assert.throws(() => requireAppName(name), /expected 1–200 characters, and not \*, \. or \.\./);
  }
  assert.deepEqual(await own.store.instances('shop', Date.now()), []);
});
