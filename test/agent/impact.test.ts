import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crashmon } from '../support/crashmon.ts';
import { freePort } from '../support/free-port.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { fixture, startRun } from './run-worker.ts';

/** Its ports are looked up a second after the start. */
const LOOKED_UP_MS = 1_500;

test('a crash of the worker: connections that it cut, and how long the port was not served', async () => {
  await using state = await stateDirectory();
  const port = await freePort();
  const command = fixture('serves-and-dies.cjs', String(port), path.join(state.path, 'started'));
  await using agent = startRun({ stateDir: state.path, options: ['--json'], command });
  await agent.waitForLine('stdout', /serving/);
  await delay(LOOKED_UP_MS);
  using clients = new DisposableStack();
  for (const page of ['', '', 'die']) {
    const client = clients.adopt(connect(port, '127.0.0.1'), (socket) => socket.destroy());
    client.on('error', () => {}).write(`GET /${page} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    await once(client, 'data');
  }
  const [line] = await agent.waitForLine('stderr', /^\{.*"event":"impact".*$/m);
  const { impact } = JSON.parse(line);
  assert.deepEqual([impact.connectionsCut, impact.isExact], [3, false]);
  assert.ok(impact.servedAfterMs >= 500, line);
  agent.kill('SIGTERM');
  await agent.exited;
  const { stdout } = await crashmon(['crashes'], { stateDir: state.path });
  assert.match(stdout.replaceAll(/\s+/g, ' '), /at least 3 connections cut, down for \d/);
  await assertNothingLeft(state.path);
});
