import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/agent/clock.ts';
import { DebuggerPool } from '../../src/agent/native/debugger-pool.ts';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import { HostedApp } from '../../src/host/hosted-app.ts';
import { HostTcp } from '../../src/host/impact/host-tcp.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import type { Service } from '../../src/host/source.ts';
import { Turnstile } from '../../src/host/turnstile.ts';
import { hostSettings } from '../support/host/host-settings.ts';
import { stateDirectory } from '../support/state-directory.ts';

const SHOP: Service = { id: 'process:shop', source: 'process', name: 'shop', replica: null, attributes: {} };

test('an app that is ending, or has ended, opens nothing again: the one that follows has its journal', async () => {
  await using state = await stateDirectory();
  const settings = hostSettings().ofApp('shop');
  const problems: string[] = [];
  const follow = () =>
    new HostedApp(SHOP, settings, {
      ...{
        stateDir: state.path,
        uid: 0,
        clock: systemClock(),
        turnstile: new Turnstile(1),
        probes: null,
        tcp: new HostTcp(),
      },
      ...{ exits: new HostExits(assert.fail), debuggers: new DebuggerPool(assert.fail) },
      ...{ started: new NewProcesses(), onStatus: () => {}, onEnd: () => ends.push('ended') },
      emit: (event) => void (event.event === 'problem' && problems.push(event.message)),
    });
  const ends: string[] = [];
  const first = follow();
  await first.open();
  const ending = first.end();
  const late = first.open();
  await Promise.all([ending, late]);
  assert.deepEqual(ends, ['ended']);
  await first.open();
  const second = follow();
  await second.open();
  await second.end();
  assert.deepEqual(readdirSync(path.join(state.path, 'apps', 'shop')), ['host']);
  assert.deepEqual(problems, []);
});
