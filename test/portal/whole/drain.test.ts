import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startPortalProcess, startTestPortal } from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PASSWORD = 'a lamp beside four herons';
const FORM = new URLSearchParams({ name: 'ada', password: PASSWORD }).toString();

/** A request that was sent but for its last byte, and what sends that. */
async function halfSent(url: string): Promise<{ finish(): Promise<string> }> {
  const { host, hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = [
    ...['POST /sign-in HTTP/1.1', `Host: ${host}`, `Origin: ${url}`, 'Connection: close'],
    ...['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${FORM.length}`, '', ''],
  ];
  await new Promise<void>((resolve) => {
    socket.write(head.join('\r\n') + FORM.slice(0, -1), () => resolve());
  });
  return {
    finish() {
      socket.write(FORM.slice(-1));
      return text(socket);
    },
  };
}

test('at a stop the portal is not ready first, and goes on answering; a second signal ends it at once', async () => {
  await using directory = await temporaryDirectory('drain');
  await using portal = await startPortalProcess(
    { dataDir: directory.path },
    {
      args: ['--drain-delay', '10m'],
      env: { CRASHMON_ADMIN_NAME: 'ada', CRASHMON_ADMIN_PASSWORD: PASSWORD, CRASHMON_LOG_FORMAT: 'json' },
    },
  );
  assert.equal(portal.setupLink, null);
  const ready = await fetch(`${portal.url}/readyz`);
  assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ok', database: 'sqlite' }]);
  portal.program.kill('SIGTERM');
  await portal.program.waitForLine('stdout', /"event":"stopping"\}$/);
  const stopping = await fetch(`${portal.url}/readyz`);
  assert.deepEqual(
    [stopping.status, await stopping.json()],
    [503, { status: 'stopping', database: 'sqlite' }],
  );
  assert.match(await (await halfSent(portal.url)).finish(), /^HTTP\/1\.1 303 /);
  portal.program.kill('SIGTERM');
  const { code, stderr, stdout } = await portal.program.exited;
  assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
  for (const line of stdout.trim().split('\n')) JSON.parse(line);
});

test('a request that has begun is finished before the portal ends', async () => {
  const portal = await startTestPortal({ settings: { firstAccount: { name: 'ada', password: PASSWORD } } });
  const open = await halfSent(portal.url);
  // After it, this one has begun as well.
  await fetch(`${portal.url}/livez`);
  const ended = portal[Symbol.asyncDispose]();
  while (await fetch(`${portal.url}/livez`).then(isOpen, () => false));
  assert.match(await open.finish(), /^HTTP\/1\.1 303 /);
  await ended;
});

/** A kept-alive connection is answered by 503. */
const isOpen = (answer: Response) => answer.ok;
