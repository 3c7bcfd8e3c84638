import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/agent/clock.ts';
import { DebuggerPool } from '../../src/agent/native/debugger-pool.ts';
import type { AppContext } from '../../src/host/app-parts.ts';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import { HostedApp } from '../../src/host/hosted-app.ts';
import { HostTcp } from '../../src/host/impact/host-tcp.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import type { Service, ServiceStart } from '../../src/host/source.ts';
import { Turnstile } from '../../src/host/turnstile.ts';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { hostSettings } from '../support/host/host-settings.ts';
import { stateDirectory } from '../support/state-directory.ts';

const SHOP: Service = { id: 'process:shop', source: 'process', name: 'shop', replica: null, attributes: {} };

function follow(stateDir: string, more: Partial<AppContext> = {}): HostedApp {
  return new HostedApp(SHOP, hostSettings().ofApp('shop'), {
    ...{
      stateDir,
      uid: 0,
      clock: systemClock(),
      turnstile: new Turnstile(1),
      probes: null,
      tcp: new HostTcp(),
    },
    ...{ exits: new HostExits(assert.fail), debuggers: new DebuggerPool(assert.fail) },
    ...{ started: new NewProcesses(), onStatus: () => {}, onEnd: () => {}, emit: () => {} },
    ...more,
  });
}

test('how long a process ran follows no clock that was set meanwhile', async () => {
  await using state = await stateDirectory();
  const now = systemClock()();
  const app = follow(state.path, { clock: () => ({ ...now }) });
  const start: ServiceStart = {
    service: SHOP,
    key: 'process/1',
    pid: 0,
    startTicks: null,
    startedAtMs: now.wallMs - 1_000,
  };
  app.started(start);
  now.wallMs -= 11 * 3_600_000;
  now.monotonicMs += 5_000;
  const isStored = app.exited({
    ...{ start, status: { type: 'code', code: 3 }, endedAtMs: now.wallMs, asked: false, because: null },
    lastWords: async () => null,
  });
  now.wallMs += 3 * 3_600_000;
  assert.equal(await isStored, true);
  await app.end();
  const [journal] = listJournals(state.path);
  using reader = openJournalReadOnly(journal?.directory ?? '');
  const [exit] = reader?.exits({ limit: 10 }) ?? [];
  assert.ok(exit !== undefined);
  assert.equal(exit.diedAt.monotonicMs - exit.startedAt.monotonicMs, 6_000);
  assert.equal(exit.diedAt.bootId, now.bootId);
});

test('an app that is ending, or has ended, opens nothing again: the one that follows has its journal', async () => {
  await using state = await stateDirectory();
  const problems: string[] = [];
  const more: Partial<AppContext> = {
    onEnd: () => ends.push('ended'),
    emit: (event) => void (event.event === 'problem' && problems.push(event.message)),
  };
  const ends: string[] = [];
  const first = follow(state.path, more);
  await first.open();
  const ending = first.end();
  const late = first.open();
  await Promise.all([ending, late]);
  assert.deepEqual(ends, ['ended']);
  await first.open();
  const second = follow(state.path, more);
  await second.open();
  await second.end();
  assert.deepEqual(readdirSync(path.join(state.path, 'apps', 'shop')), ['host']);
  assert.deepEqual(problems, []);
});
