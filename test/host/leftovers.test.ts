import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/agent/clock.ts';
import { DebuggerPool } from '../../src/agent/native/debugger-pool.ts';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import { HostAgent } from '../../src/host/host-agent.ts';
import { HostedApp } from '../../src/host/hosted-app.ts';
import { HostTcp } from '../../src/host/impact/host-tcp.ts';
import { Leftovers } from '../../src/host/leftovers.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import type { Service, SourceListener } from '../../src/host/source.ts';
import { Turnstile } from '../../src/host/turnstile.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { startCrashmon } from '../support/crashmon.ts';
import { hostSettings } from '../support/host/host-settings.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { answer, Receiver, take } from '../support/telemetry/receiver.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SHOP: Service = {
  id: 'docker:shop',
  source: 'docker',
  name: 'shop',
  replica: null,
  attributes: { 'container.name': 'shop' },
};

test('what a removed container left unsent is sent once the receiver is back, and it keeps its place', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start(answer(503));
  const settings = hostSettings(
    {},
    {
      uplink: {
        kind: 'otlp',
        endpoint: `${receiver.url}/v1/logs`,
        tokenFile: null,
        appVersion: null,
        crashmonVersion: '0.0.0',
      },
    },
  );
  const context = {
    ...{ stateDir: state.path, uid: 0, clock: systemClock(), turnstile: new Turnstile(1), probes: null },
    ...{ exits: new HostExits(assert.fail), debuggers: new DebuggerPool(assert.fail), tcp: new HostTcp() },
    ...{ started: new NewProcesses(), onStatus: () => {}, emit: () => {} },
  };
  const left = Promise.withResolvers<string | null>();
  const listening = Promise.withResolvers<SourceListener>();
  const agent = new HostAgent({
    sources: [{ kind: 'docker', begin: async (each) => listening.resolve(each), end: async () => {} }],
    follow: (service) =>
      new HostedApp(service, settings.ofApp(service.name), { ...context, onEnd: left.resolve }),
    onProblem: assert.fail,
  });
  await agent.begin();
  const listener = await listening.promise;
  const child = spawn(process.execPath, ['-e', 'process.exit(1)'], { stdio: 'ignore' });
  const start = {
    ...{ service: SHOP, key: randomUUID(), pid: child.pid ?? 0, startTicks: null, startedAtMs: Date.now() },
  };
  listener.started(start);
  await once(child, 'exit');
  const exit = { start, endedAtMs: Date.now(), asked: false, because: null, lastWords: async () => null };
  assert.ok(await listener.exited({ ...exit, status: { type: 'code', code: 1 } }));
  listener.gone(SHOP);
  const directory = await left.promise;
  assert.ok(directory !== null);
  assert.deepEqual(receiver.taken, []);

  const leftovers = new Leftovers({
    ...{ stateDir: state.path, clock: context.clock, emit: () => {}, firstMs: 10 },
    settingsOf: (app) => settings.ofApp(app),
    whileGone: (id, work) => agent.whileGone(id, work),
  });
  leftovers.add(directory);
  const before = receiver.requests.length;
  await receiver.until(({ requests }) => requests.length > before);
  receiver.behave = take;
  const crash = await receiver.record('crash');
  assert.equal(receiver.requests.at(-1)?.resource['container.name'], 'shop');
  assert.ok(crash.uid.length > 0);
  await leftovers.end();
  {
    using journal = openJournalReadOnly(directory);
    assert.equal(journal?.outboxTotals().records, 0);
  }
  listener.started({ ...start, key: randomUUID(), pid: process.pid });
  await receiver.record('heartbeat');
  await agent.end();
  assert.deepEqual(readdirSync(path.join(state.path, 'apps', 'shop')), ['host']);
});

test('the next agent sends what is left of apps that do not run any more', async () => {
  await using directory = await temporaryDirectory('agent');
  await using receiver = await Receiver.start(answer(503));
  const name = `bot-${randomUUID()}`;
  const file = path.join(directory.path, `${name}.cjs`);
  writeFileSync(file, "console.log('ready'); process.stdin.on('data', () => process.exit(7));");
  const config = path.join(directory.path, 'agent.toml');
  writeFileSync(
    config,
    `watch = ["${name}=*${name}.cjs"]\ninclude = ["${name}"]\notlp-endpoint = "${receiver.url}"\n`,
  );
  const stateDir = path.join(directory.path, 'state');
  const begin = () =>
    startCrashmon(['agent', '--config', config, '--json'], { stateDir, deadlineMs: 120_000 });
  {
    const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'ignore'] });
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await using agent = begin();
    await agent.waitForLine('stderr', new RegExp(`"app":"${name}","event":"started"`), 0);
    child.stdin.write('end');
    await agent.waitForLine('stderr', new RegExp(`"app":"${name}","event":"ended"`), 0);
    agent.kill('SIGTERM');
    assert.equal((await agent.exited).code, 0);
  }
  assert.deepEqual(receiver.taken, []);
  receiver.behave = take;
  await using next = begin();
  const crash = await receiver.record('crash');
  assert.deepEqual(crash.status, { type: 'code', code: 7 });
  next.kill('SIGTERM');
  assert.equal((await next.exited).code, 0);
});
