import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Discovery } from '../../src/host/discover/discovery.ts';
import { listensOnTcp, TcpListeners } from '../../src/host/discover/listens-on-tcp.ts';
import { readServiceFacts } from '../../src/host/discover/service-facts.ts';
import { WatchHistory } from '../../src/host/discover/watch-history.ts';
import type { HostSettings } from '../../src/host/host-settings.ts';
import type { Service, ServiceExit, ServiceStart } from '../../src/host/source.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { hostSettings } from '../support/host/host-settings.ts';
import { startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

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

describe('what is seen of a process', () => {
  for (const who of ['itself', 'child']) {
    test(`it listens on TCP: ${who}`, async () => {
      await using program = startProgram(process.execPath, [LISTENS, who], { input: 'open' });
      await program.waitForLine('stdout', /ready/);
      assert.deepEqual(readServiceFacts(started(program.pid), new TcpListeners()), {
        ...{ listens: false, servesUnix: false, optOut: null, runsCrashmon: false },
      });
      program.stdin.write('\n');
      await program.waitForLine('stdout', /listens/);
      assert.equal(readServiceFacts(started(program.pid), new TcpListeners())?.listens, true);
    });
  }

  test('it is a Node.js that listens on a Unix socket; another program that does is no web worker', async () => {
    await using directory = await temporaryDirectory('unix');
    const address = (name: string) => path.join(directory.path, name);
    const node = `net.createServer().listen(${JSON.stringify(address('node'))}, () => console.log('listens'))`;
    const python = `import socket, time; s = socket.socket(socket.AF_UNIX); s.bind(${JSON.stringify(address('python'))})
s.listen(); print('listens', flush=True); time.sleep(600)`;
    await using server = startProgram(process.execPath, ['-e', node], {});
    await using daemon = startProgram('/usr/bin/python3', ['-c', python], {});
    for (const [program, servesUnix] of [
      [server, true],
      [daemon, false],
    ] as const) {
      await program.waitForLine('stdout', /listens/);
      const facts = readServiceFacts(started(program.pid), new TcpListeners());
      assert.deepEqual([facts?.listens, facts?.servesUnix], [false, servesUnix]);
    }
  });

  test('services that are checked together share one list of what listens, which is read again later', async () => {
    const shared = new TcpListeners(Number.POSITIVE_INFINITY);
    const read = new TcpListeners(-1);
    const known = shared.seenBy(process.pid);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    assert.equal(shared.seenBy(process.pid), known);
    assert.equal(listensOnTcp([process.pid], shared), false);
    assert.equal(listensOnTcp([process.pid], read), true);
    server.close();
    await once(server, 'close');
  });

  test('its environment switches crashmon off, or it runs under crashmon already', async () => {
    const env = { WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED: 'FALSE', CRASHMON_RUN: 'r1', SECRET: 'x' };
    await using program = startProgram(process.execPath, [LISTENS], { input: 'open', env });
    await program.waitForLine('stdout', /ready/);
    assert.deepEqual(readServiceFacts(started(program.pid), new TcpListeners()), {
      listens: null,
      servesUnix: false,
      optOut: 'WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED=FALSE',
      runsCrashmon: true,
    });
  });

  test('Node.js with options that becomes crashmon, before it has its title; an app with a file of that name is none', async () => {
    await using directory = await temporaryDirectory('entry');
    await mkdir(path.join(directory.path, 'cli/start'), { recursive: true });
    const main = path.join(directory.path, 'cli/main.mjs');
    await writeFile(main, "console.log('ready'); process.stdin.resume();");
    const options = ['--max-semi-space-size=1', '--jitless', '--no-warnings', '--expose-gc'];
    const command = [
      ...options,
      `${path.join(directory.path, 'cli/start')}/../main.mjs`,
      'run',
      '--',
      'true',
    ];
    await using program = startProgram(process.execPath, command, { input: 'open' });
    await program.waitForLine('stdout', /ready/);
    const runsCrashmon = () => readServiceFacts(started(program.pid), new TcpListeners())?.runsCrashmon;
    assert.equal(runsCrashmon(), false);
    await writeFile(path.join(directory.path, 'cli/start/crashmon.sh'), '');
    assert.equal(runsCrashmon(), true);
  });

  test('nothing, if it has ended', async () => {
    await using program = startProgram(process.execPath, ['-e', '']);
    await program.exited;
    assert.equal(readServiceFacts(started(program.pid), new TcpListeners()), null);
  });
});

describe('discovery', () => {
  test('follows a service from when it listens, and its follower learns what runs', async () => {
    await using program = startProgram(process.execPath, [LISTENS], { input: 'open' });
    await program.waitForLine('stdout', /ready/);
    await using state = await stateDirectory();
    const { discovery, events, watched } = discoveryOf(hostSettings(), new WatchHistory(state.path));
    const follower = discovery.follow(SHOP);
    follower.started(started(program.pid));
    void follower.missed(2);
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
    await using state = await stateDirectory();
    const { discovery, events } = discoveryOf(hostSettings(), new WatchHistory(state.path));
    const follower = discovery.follow(SHOP);
    // It has no socket, and ends only with the test.
    follower.started(started(process.pid));
    discovery.use(hostSettings({ all: true }));
    discovery.use(hostSettings({ all: true }));
    assert.deepEqual(events.splice(0), ['no-socket', 'all', 'follow 3', `started ${process.pid}`]);
    discovery.use(hostSettings({ all: true }, { policy: { armAfter: 0, windowMs: 1, cooldownMs: 1 } }));
    follower.exited(exited(process.pid));
    void follower.missed(2);
    await ended();
    assert.deepEqual(events.splice(0), ['end', 'follow 0', `exited ${process.pid}`, 'missed 2']);
    discovery.use(hostSettings({ all: true, exclude: ['shop'] }));
    await ended();
    follower.exited(exited(1));
    assert.deepEqual(events, ['excluded', 'end']);
    assert.deepEqual(
      discovery.decisions().map(({ decision }) => decision),
      [{ isWatched: false, because: 'excluded', detail: 'shop' }],
    );
    await follower.gone();
  });

  test('without --all only that is still watched which listened, also by the next agent', async () => {
    await using state = await stateDirectory();
    const history = new WatchHistory(state.path);
    const after = (agent: ReturnType<typeof discoveryOf>) =>
      agent.discovery.decisions().map(({ decision }) => decision.because);
    await using program = startProgram(process.execPath, [LISTENS], { input: 'open' });
    await program.waitForLine('stdout', /ready/);

    const first = discoveryOf(hostSettings({ all: true }), history);
    const follower = first.discovery.follow(SHOP);
    follower.started(started(program.pid));
    // As its first exit does.
    await mkdir(path.join(state.path, 'apps/shop'), { recursive: true });
    first.discovery.use(hostSettings());
    await ended();
    assert.deepEqual(first.events, ['all', 'follow 3', `started ${program.pid}`, 'no-socket', 'end']);
    const second = discoveryOf(hostSettings(), history);
    second.discovery.follow(SHOP).started(started(program.pid));
    assert.deepEqual(after(second), ['no-socket']);

    const third = discoveryOf(hostSettings({ all: true }), history);
    const again = third.discovery.follow(SHOP);
    again.started(started(program.pid));
    program.stdin.write('\n');
    await program.waitForLine('stdout', /listens/);
    again.started(started(program.pid));
    third.discovery.use(hostSettings());
    assert.deepEqual(after(third), ['web-worker']);
    // One that ends before it listens.
    await using next = startProgram(process.execPath, [LISTENS], { input: 'open' });
    await next.waitForLine('stdout', /ready/);
    const fourth = discoveryOf(hostSettings(), history);
    fourth.discovery.follow(SHOP).started(started(next.pid));
    assert.deepEqual(after(fourth), ['was-watched']);
    for (const { discovery } of [first, second, third, fourth])
      discovery.use(hostSettings({ exclude: ['shop'] }));
    await ended();
  });
});

/** Records what its followers receive. */
function discoveryOf(first: HostSettings, history: WatchHistory) {
  const events: string[] = [];
  const listener = new EventTarget();
  const discovery = new Discovery({
    settings: first,
    facts: (start) => readServiceFacts(start, new TcpListeners()),
    history,
    onDecision: (_, { because }) => events.push(because),
    onProblem: (message) => events.push(message),
    follow: (_, app) => {
      events.push(`follow ${app.policy.armAfter}`);
      listener.dispatchEvent(new Event('watched'));
      return {
        started: ({ pid }) => events.push(`started ${pid}`),
        exited: async ({ start }) => events.push(`exited ${start.pid}`) > 0,
        missed: async (count) => events.push(`missed ${count}`) > 0,
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
