import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Discovery } from '../../src/host/discover/discovery.ts';
import { readServiceFacts } from '../../src/host/discover/service-facts.ts';
import type { AppSettings, DiscoveryRules, HostSettings } from '../../src/host/host-settings.ts';
import type { Service, ServiceExit, ServiceStart } from '../../src/host/source.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { startProgram } from '../support/run-program.ts';

const LISTENS = path.join(CHECKOUT, 'test', 'fixtures', 'host', 'listens.cjs');
const SHOP: Service = { id: 'pm2:shop', source: 'pm2', name: 'shop', replica: null, attributes: {} };

function started(pid: number, service = SHOP): ServiceStart {
  return { service, key: `${pid}`, pid, startTicks: null, startedAtMs: 0 };
}

function exited(pid: number): ServiceExit {
  const status = { type: 'code', code: 1 } as const;
  return {
    start: started(pid),
    status,
    endedAtMs: 0,
    asked: false,
    because: null,
    lastWords: async () => null,
  };
}

function settings(rules: Partial<DiscoveryRules> = {}, app: Partial<AppSettings> = {}): HostSettings {
  const usual: AppSettings = {
    ...{ app: 'shop', instance: 'host', isEnabled: true, attachDebugger: true, uplink: null, notify: null },
    policy: { armAfter: 3, windowMs: 1000, cooldownMs: 1000 },
    uplinkHeaders: {},
    notifySecrets: { password: null, webhook: null, webhookSecret: null },
  };
  return {
    discovery: { all: false, include: [], exclude: [], watch: [], ...rules },
    stateDir: null,
    say: 'all',
    ofApp: (name) => ({ ...usual, app: name, ...app }),
  };
}

describe('what is seen of a process', () => {
  for (const who of ['itself', 'child']) {
    test(`it listens on TCP: ${who}`, async () => {
      await using program = startProgram(process.execPath, [LISTENS, who], { input: 'open' });
      await program.waitForLine('stdout', /ready/);
      assert.deepEqual(readServiceFacts(started(program.pid)), {
        ...{ listens: false, optOut: null, runsCrashmon: false },
      });
      program.stdin.write('\n');
      await program.waitForLine('stdout', /listens/);
      assert.equal(readServiceFacts(started(program.pid))?.listens, true);
    });
  }

  test('its environment switches crashmon off, or it runs under crashmon already', async () => {
    const env = { WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED: 'FALSE', CRASHMON_RUN: 'r1', SECRET: 'x' };
    await using program = startProgram(process.execPath, [LISTENS], { input: 'open', env });
    await program.waitForLine('stdout', /ready/);
    assert.deepEqual(readServiceFacts(started(program.pid)), {
      listens: false,
      optOut: 'WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED=FALSE',
      runsCrashmon: true,
    });
  });

  test('nothing, if it has ended', async () => {
    await using program = startProgram(process.execPath, ['-e', '']);
    await program.exited;
    assert.equal(readServiceFacts(started(program.pid)), null);
  });
});

describe('discovery', () => {
  test('follows a service from when it listens, and its follower learns what runs', async () => {
    await using program = startProgram(process.execPath, [LISTENS], { input: 'open' });
    await program.waitForLine('stdout', /ready/);
    const { discovery, events, watched } = discoveryOf(settings());
    const follower = discovery.follow(SHOP);
    follower.started(started(program.pid));
    follower.missed(2);
    assert.deepEqual(events.splice(0), ['no-socket']);
    program.stdin.write('\n');
    await watched;
    follower.exited(exited(program.pid));
    await follower.end();
    assert.deepEqual(events, [
      'web-worker',
      'follow 3',
      `started ${program.pid}`,
      `exited ${program.pid}`,
      'end',
    ]);
    assert.deepEqual(discovery.decisions(), []);
  });

  test('changed settings start, replace and end followers; what does not change is not affected', async () => {
    const { discovery, events } = discoveryOf(settings());
    const follower = discovery.follow(SHOP);
    // It has no socket, and ends only with the test.
    follower.started(started(process.pid));
    discovery.use(settings({ all: true }));
    discovery.use(settings({ all: true }));
    assert.deepEqual(events.splice(0), ['no-socket', 'all', 'follow 3', `started ${process.pid}`]);
    discovery.use(settings({ all: true }, { policy: { armAfter: 0, windowMs: 1, cooldownMs: 1 } }));
    follower.exited(exited(process.pid));
    await ended();
    assert.deepEqual(events.splice(0), ['end', 'follow 0', `exited ${process.pid}`]);
    discovery.use(settings({ all: true, exclude: ['shop'] }));
    await ended();
    follower.exited(exited(1));
    assert.deepEqual(events, ['excluded', 'end']);
    assert.deepEqual(
      discovery.decisions().map(({ decision }) => decision),
      [{ isWatched: false, because: 'excluded', detail: 'shop' }],
    );
    await follower.gone();
  });
});

/** Records what its followers receive. */
function discoveryOf(first: HostSettings) {
  const events: string[] = [];
  const listener = new EventTarget();
  const discovery = new Discovery({
    settings: first,
    facts: readServiceFacts,
    wasWatched: () => false,
    onDecision: (_, { because }) => events.push(because),
    onProblem: (message) => events.push(message),
    follow: (_, app) => {
      events.push(`follow ${app.policy.armAfter}`);
      listener.dispatchEvent(new Event('watched'));
      return {
        started: ({ pid }) => events.push(`started ${pid}`),
        exited: async ({ start }) => void events.push(`exited ${start.pid}`),
        missed: (count) => events.push(`missed ${count}`),
        gone: async () => void events.push('gone'),
        end: async () => void events.push('end'),
      };
    },
  });
  return { discovery, events, watched: once(listener, 'watched') };
}

/** A follower has ended, and another one has taken its place. */
function ended(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
