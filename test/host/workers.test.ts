import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { type AgentEvent, type AgentOfHost, agentOfHost } from '../support/host/agent-of-host.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const MASTERS = path.join(CHECKOUT, 'test', 'fixtures', 'masters');
const NODE = `${CHECKOUT}/node_modules/.bin/node`;
const PORT = 8007;
const FPM = `[global]
error_log = /run/fpm.log
daemonize = no
[www]
user = root
listen = /run/fpm.sock
pm = static
pm.max_children = 2
`;
const NGINX = 'daemon off; user root; worker_processes 2; pid few.pid; error_log stderr notice; events {}\n';

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  await agent.start('--all', '--arm-after', '1', '--children', 'sleep');
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

const service = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${MASTERS}`, ...lines, ''].join('\n');

/** The oldest worker of a master, by its command line or title: it has started long ago. */
async function workerOf(unit: string, title: RegExp): Promise<string> {
  const main = await host.property(unit, 'MainPID');
  const children = (await host.must('cat', `/proc/${main}/task/${main}/children`)).trim().split(' ');
  for (const pid of children) {
    if (title.test((await host.run('cat', `/proc/${pid}/cmdline`)).stdout)) return pid;
  }
  return assert.fail(`${unit} has no worker`);
}

type Ending = { app: string; name: string; title: RegExp };

/** Ends a worker, and waits until that is recorded. */
async function end(
  { app, name, title }: Ending,
  act: (pid: string) => Promise<unknown>,
): Promise<AgentEvent> {
  const before = (await agent.events(app, 'child-ended')).length;
  const pid = await workerOf(app, title);
  await act(pid);
  const ended = (await agent.untilEvents(app, 'child-ended', before + 1)).at(-1);
  assert.ok(ended !== undefined);
  const { role, name: master } = ended.process as { role: string; name: string };
  assert.deepEqual([role, master], ['worker', name]);
  return ended;
}

const signal = (name: string) => (pid: string) => host.must('kill', `-${name}`, pid);
/** Which worker answers is the server's choice. */
const ask = (port: number, how: string) => () => host.run('curl', `http://127.0.0.1:${port}/${how}`);
const codeOf = ({ verdict }: AgentEvent) => (verdict as { reasonCode: string }).reasonCode;

/** What doctor promises: captured are exceptions, fatal signals of all processes; read is what they print. */
async function says(app: string, promised: [boolean | null, boolean | null, boolean]): Promise<void> {
  const text = await agent.crashmon('doctor', '--service', app, '--json');
  const { willCapture, willCaptureNative, reads } = JSON.parse(text);
  assert.deepEqual([willCapture, willCaptureNative, reads], promised, text);
}

/** The report of an end, once it is there. */
async function reported(app: string, { runId, captured }: AgentEvent): Promise<Record<string, unknown>> {
  const name = captured ? 'report' : 'last-words';
  for (let count = 1; ; count++) {
    if ((await agent.untilEvents(app, name, count)).some((event) => event.runId === runId)) break;
  }
  return JSON.parse(await agent.crashmon('show', `${runId}`, '--app', app, '--json'));
}

/** Of a service with one crash before: the next fatal signal of a worker arms it, and a later one is captured. */
async function capturedFault(server: Ending): Promise<void> {
  assert.equal((await end(server, signal('SEGV'))).state, 'armed');
  for (let count = 1; ; count++) {
    const children = await agent.untilEvents(server.app, 'children', count);
    if (children.some(({ armed, means }) => means === 'debugger' && Number(armed) > 0)) break;
  }
  for (let attempt = 0; ; attempt++) {
    const ended = await end(server, signal('SEGV'));
    // A busy machine can be too slow to attach to the new worker, or for the time of a hold; then the next one is captured.
    if (!ended.captured && attempt < 20) continue;
    assert.deepEqual([codeOf(ended), ended.captured], ['sent-signal', true]);
    const { frames } = await reported(server.app, ended);
    assert.ok(Array.isArray(frames) && frames.length > 0, JSON.stringify(frames));
    return;
  }
}

describe('workers below the main process of a service', () => {
  test('a cluster of Node.js: exceptions and signals count; once it is armed, an exception is captured', async () => {
    await host.units({ 'cluster.service': service(`${NODE} cluster.cjs`) });
    await host.must('systemctl', 'start', 'cluster');
    const [first] = await agent.untilEvents('cluster', 'children', 1);
    assert.deepEqual([first?.name, first?.count, first?.armed], ['node cluster', 2, 0]);
    await says('cluster', [true, null, true]);
    const cluster = { app: 'cluster', name: 'node cluster', title: /cluster\.cjs/ };
    const thrown = await end(cluster, signal('USR2'));
    assert.deepEqual([codeOf(thrown), thrown.captured], ['printed-exception', false]);
    const words = await reported('cluster', thrown);
    // What it printed cannot be another's: journald has the process ID.
    assert.deepEqual([words.exceptionType, words.proof], ['TypeError', 'proven']);
    assert.equal(codeOf(await end(cluster, signal('USR2'))), 'printed-exception');
    await agent.untilEvents('cluster', 'children', 2);
    for (let attempt = 0; ; attempt++) {
      const ended = await end(cluster, signal('USR2'));
      // A busy machine can be too slow for the time of a hold; then the next crash is captured.
      if (!ended.captured && attempt < 60) continue;
      assert.deepEqual([codeOf(ended), ended.captured], ['uncaught-exception', true]);
      assert.equal(ended.state, 'cooling-down');
      break;
    }
    const killed = await end(cluster, signal('SEGV'));
    assert.deepEqual([codeOf(killed), killed.captured], ['invalid-memory-access', false]);
    assert.match(await agent.crashmon('status'), /watching 2 processes below the main/);
    await host.must('systemctl', 'stop', 'cluster');
    const [stopped] = await agent.untilEvents('cluster', 'ended', 1);
    assert.equal(codeOf(stopped as AgentEvent), 'stop-requested');
  });

  test('workers of gunicorn, puma, php-fpm and nginx, by exception and by signal; a stop is no crash', async () => {
    const php = (await host.must('sh', '-c', 'ls /usr/sbin/php-fpm*')).trim().split('\n')[0] ?? '';
    await host.must('sh', '-c', 'printf %s "$1" >/etc/fpm.conf', 'sh', FPM);
    await host.must('sh', '-c', 'printf %s "$1" >/etc/few.conf', 'sh', NGINX);
    await host.units({
      'gunicorn.service': service(`/usr/bin/gunicorn -b 127.0.0.1:${PORT} -w 2 -k wsgi.Fragile wsgi:app`),
      'puma.service': service(`/usr/bin/puma --workers 2 --bind tcp://127.0.0.1:${PORT + 1}`),
      'fpm.service': service(`${php} --nodaemonize --allow-to-run-as-root -n -y /etc/fpm.conf`),
      'nginx-few.service': service('/usr/sbin/nginx -p /run -e stderr -c /etc/few.conf'),
      'other.service': service('/bin/sh -c \'sh -c "sleep 500 & wait"; sleep 600\''),
    });
    const gunicorn = { app: 'gunicorn', name: 'gunicorn', title: /gunicorn/ };
    const puma = { app: 'puma', name: 'puma', title: /^puma: cluster worker/ };
    const fpm = { app: 'fpm', name: 'php-fpm', title: /^php-fpm: pool/ };
    const nginx = { app: 'nginx-few', name: 'nginx', title: /^nginx: worker/ };
    const all = [gunicorn, puma, fpm, nginx];
    await host.must('systemctl', 'start', ...all.map(({ app }) => app), 'other');
    for (const { app } of all) {
      const [watching] = await agent.untilEvents(app, 'children', 1);
      // One can be found a moment after the other.
      assert.ok([1, 2].includes(Number(watching?.count)), `${app}: ${watching?.count}`);
    }
    for (const { app } of [gunicorn, nginx]) await says(app, [false, null, true]);
    assert.match(
      await agent.crashmon('doctor', '--service', nginx.app),
      /\n.*; if they repeat, fatal signals are captured\n.* call stack, if the runtime prints one\n.* call stack; of workers, of at most five at a time\n$/,
    );
    for (const server of all) {
      // Ruby reports a fault and aborts.
      const code = server === puma ? 'abort' : 'invalid-memory-access';
      assert.equal(codeOf(await end(server, signal('SEGV'))), code, server.app);
    }
    await capturedFault(nginx);
    const thrown = await end(gunicorn, ask(PORT, 'throw'));
    const words = await reported('gunicorn', thrown);
    assert.equal(words.exceptionType, 'wsgi.Fatal');
    const raised = await reported('puma', await end(puma, ask(PORT + 1, 'throw')));
    assert.equal(raised.exceptionType, 'Lost');
    const named = (await agent.untilEvents('other', 'children', 1))[0];
    assert.deepEqual([named?.name, named?.count], ['sleep', 1]);
    const counts = () =>
      Promise.all(all.map(async ({ app }) => (await agent.events(app, 'child-ended')).length));
    const recorded = await counts();
    await host.must('systemctl', 'stop', ...all.map(({ app }) => app));
    for (const { app } of all) await agent.untilEvents(app, 'ended', 1);
    assert.deepEqual(await counts(), recorded);
  });
});
