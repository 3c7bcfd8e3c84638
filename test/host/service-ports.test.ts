import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/agent/clock.ts';
import { HostTcp } from '../../src/host/impact/host-tcp.ts';
import { ServicePorts } from '../../src/host/impact/service-ports.ts';
import type { ServiceStart } from '../../src/host/source.ts';
import type { EndedRun } from '../../src/model/run.ts';
import { fixture } from '../agent/run-worker.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type Reported = Parameters<ConstructorParameters<typeof ServicePorts>[0]['onImpact']>;

const startOf = (pid: number | undefined) => ({ pid, startedAtMs: Date.now() }) as ServiceStart;
const runOf = (counted: boolean) => ({ id: `${counted}`, verdict: { counted } }) as EndedRun;

/** A service on a port, and what is reported of its crashes. */
async function service(port: number, stack: AsyncDisposableStack) {
  const directory = stack.use(await temporaryDirectory('ports'));
  const reported = Promise.withResolvers<Reported>();
  const looked = Promise.withResolvers<void>();
  const tcp = new HostTcp();
  const ports = new ServicePorts({
    tcp: {
      all: () => tcp.all(),
      async listening() {
        const found = await tcp.listening();
        setImmediate(looked.resolve);
        return found;
      },
    },
    clock: systemClock(),
    onImpact: (...impact) => reported.resolve(impact),
  });
  stack.defer(() => ports.end());
  const start = async (): Promise<ChildProcess> => {
    const [command = '', ...args] = fixture(
      'serves-and-dies.cjs',
      `${port}`,
      path.join(directory.path, 'again'),
    );
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    stack.defer(() => void child.kill('SIGKILL'));
    ports.started(startOf(child.pid));
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    return child;
  };
  return { ports, start, looked: looked.promise, reported: reported.promise };
}

/** Three clients, which stay; the last asks for its end. */
async function askForItsEnd(port: number, stack: AsyncDisposableStack): Promise<void> {
  for (const page of ['', '', 'die']) {
    const client = stack.adopt(connect(port, '127.0.0.1'), (socket) => void socket.destroy());
    client.on('error', () => {}).write(`GET /${page} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    await once(client, 'data');
  }
}

test('a crash of a service: connections that it cut, and how long its port was not served', async () => {
  await using stack = new AsyncDisposableStack();
  const port = await freePort();
  const { ports, start, looked, reported } = await service(port, stack);
  const child = await start();
  await looked;
  const endedAtMs = Date.now();
  await askForItsEnd(port, stack);
  await once(child, 'exit');
  ports.exited('first', endedAtMs);
  await start();
  ports.settled('first', runOf(true));
  const [run, impact, backAfterMs] = await reported;
  assert.equal(run.id, 'true');
  assert.deepEqual([impact.connectionsCut, impact.isExact], [3, false]);
  assert.ok(Number(impact.servedAfterMs) >= 500 && Number.isInteger(impact.servedAfterMs));
  assert.ok(backAfterMs !== null && backAfterMs <= Number(impact.servedAfterMs));
});

test('of an exit that is no crash, and of one whose port another process serves, nothing is said', async () => {
  await using stack = new AsyncDisposableStack();
  const port = await freePort();
  const { ports, start, looked, reported } = await service(port, stack);
  await start();
  await looked;
  // It serves still.
  ports.exited('served', Date.now());
  ports.settled('served', runOf(true));
  ports.exited('stop', Date.now());
  ports.settled('stop', runOf(false));
  ports.exited('late', Date.now() - 60_000);
  ports.settled('late', runOf(true));
  ports.end();
  const silence = new Promise((resolve) => setTimeout(resolve, 300, 'nothing'));
  assert.equal(await Promise.race([reported, silence]), 'nothing');
});
