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

/** Its ports are looked up a second after the start, later on a busy machine; of a crash before that nothing is known. */
const LOOKED_UP_MS = 1_500;

/** Three clients, which stay; the last asks for its end. */
async function askForItsEnd(port: number, clients: DisposableStack): Promise<void> {
  for (const page of ['', '', 'die']) {
    const client = clients.adopt(connect(port, '127.0.0.1'), (socket) => socket.destroy());
    client.on('error', () => {}).write(`GET /${page} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    await once(client, 'data');
  }
}

test('a crash of the worker: connections that it cut, and how long the port was not served', async () => {
  await using state = await stateDirectory();
  const port = await freePort();
  const command = fixture('serves-and-dies.cjs', String(port), path.join(state.path, 'started'));
  await using agent = startRun({ stateDir: state.path, options: ['--json'], command });
  const known = agent.waitForLine('stderr', /^\{.*"event":"impact".*$/m);
  using clients = new DisposableStack();
  let line: string | undefined;
  for (let wait = LOOKED_UP_MS; line === undefined; wait *= 2) {
    const from = agent.stdout.length;
    if (wait === LOOKED_UP_MS) await agent.waitForLine('stdout', /serving/);
    await delay(wait);
    await askForItsEnd(port, clients);
    await agent.waitForLine('stdout', /serving/, from);
    line = (await Promise.race([known, delay(wait, undefined, { ref: false })]))?.[0];
  }
  const { impact } = JSON.parse(line);
  assert.deepEqual([impact.connectionsCut, impact.isExact], [3, false]);
  assert.ok(impact.servedAfterMs >= 500, line);
  agent.kill('SIGTERM');
  await agent.exited;
  const { stdout } = await crashmon(['crashes'], { stateDir: state.path });
  assert.match(stdout.replaceAll(/\s+/g, ' '), /at least 3 connections cut, down for \d/);
  await assertNothingLeft(state.path);
});
