import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { EngineSource } from '../../src/host/containers/engine-source.ts';
import type { ServiceExit, ServiceStart } from '../../src/host/source.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const ID = 'a'.repeat(64);

/**
 * No engine: a server that answers as the Docker Engine API is documented to (podman.test.ts has a real one). A container is what the test says, and events
 * are sent when it says so.
 */
class FakeEngine implements AsyncDisposable {
  readonly socketPath: string;
  readonly containers = new Map<string, object>();
  readonly asked: string[] = [];
  log = Buffer.alloc(0);
  readonly #server: Server;
  readonly #directory: TemporaryDirectory;
  readonly #arrived = new EventTarget();
  #events: ServerResponse | null = null;

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
    this.socketPath = path.join(directory.path, 'engine.sock');
    this.#server = createServer(({ method, url = '' }, response) => {
      this.asked.push(`${method} ${url.replace(/\?.*/, '')}`);
      if (url.startsWith('/events?')) {
        this.#events = response.writeHead(200);
        response.flushHeaders();
        this.#arrived.dispatchEvent(new Event('follows'));
        return;
      }
      const inspected = this.containers.get(/^\/containers\/(\w{12,})\/json$/.exec(url)?.[1] ?? '');
      if (url === '/containers/json')
        response.end(JSON.stringify([...this.containers.keys()].map((Id) => ({ Id }))));
      else if (inspected !== undefined) response.end(JSON.stringify(inspected));
      else if (/\/logs\?stderr=1&since=\d/.test(url)) response.end(this.log);
      else response.writeHead(404).end();
    });
  }

  static async start(): Promise<FakeEngine> {
    const engine = new FakeEngine(await temporaryDirectory('engine'));
    engine.#server.listen(engine.socketPath);
    await once(engine.#server, 'listening');
    return engine;
  }

  /** Settles once a client follows the events. */
  async followed(): Promise<void> {
    while (this.#events === null) await once(this.#arrived, 'follows');
  }

  say(Action: string, Attributes: object = {}): void {
    const event = { Type: 'container', Action, Actor: { ID, Attributes }, timeNano: Date.now() * 1e6 };
    this.#events?.write(`${JSON.stringify(event)}\n`);
  }

  /** The engine is started again: a client has to connect again. */
  cutEvents(): void {
    this.#events?.destroy();
    this.#events = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#directory[Symbol.asyncDispose]();
  }
}

function container(startedAt: string, more: { labels?: object; isOomKilled?: boolean } = {}): object {
  return {
    Id: ID,
    Name: '/shop',
    State: { Pid: process.pid, StartedAt: startedAt, OOMKilled: more.isOomKilled === true },
    Config: { Image: 'shop:1', Tty: false, Env: ['PASSWORD=secret'], Labels: more.labels ?? {} },
  };
}

function frame(stream: number, text: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** What a source reports. */
class Reports implements AsyncDisposable {
  readonly #source: EngineSource;
  readonly #arrived = new EventTarget();
  readonly starts: ServiceStart[] = [];
  readonly exits: ServiceExit[] = [];
  readonly gone: string[] = [];
  readonly missed: number[] = [];

  constructor(socketPath: string) {
    this.#source = new EngineSource({ kind: 'docker', socketPath, reconnectMs: [1] });
  }

  async begin(): Promise<this> {
    const add = <Report>(reports: Report[], report: Report) => {
      reports.push(report);
      this.#arrived.dispatchEvent(new Event('report'));
    };
    await this.#source.begin({
      started: (start) => add(this.starts, start),
      exited: async (exit) => {
        add(this.exits, exit);
        return true;
      },
      missed: async (_, count) => {
        add(this.missed, count);
        return true;
      },
      gone: ({ id }) => add(this.gone, id),
      problem: (message) => assert.fail(message),
    });
    return this;
  }

  async next<Report>(reports: Report[]): Promise<Report> {
    for (;;) {
      const report = reports.shift();
      if (report !== undefined) return report;
      await once(this.#arrived, 'report', { signal: AbortSignal.timeout(30_000) });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.end();
  }
}

test('containers of an engine: what runs, how it ends, who asked for it, and what it wrote', async () => {
  await using engine = await FakeEngine.start();
  engine.containers.set(ID, container('2026-11-29T10:00:00.5Z'));
  engine.log = Buffer.concat([frame(1, 'out\n'), frame(2, 'Error: boom\n'), frame(2, '    at x\n')]);
  await using reports = await new Reports(engine.socketPath).begin();
  await engine.followed();
  const first = await reports.next(reports.starts);
  assert.deepEqual(first.service, {
    ...{ id: 'docker:shop', source: 'docker', name: 'shop', replica: null },
    attributes: { 'container.id': ID, 'container.name': 'shop', 'container.image.name': 'shop:1' },
  });
  assert.deepEqual([first.pid, first.startedAtMs], [process.pid, Date.parse('2026-11-29T10:00:00.5Z')]);

  engine.say('die', { exitCode: '139' });
  const crash = await reports.next(reports.exits);
  assert.deepEqual([crash.start, crash.status, crash.asked], [first, { type: 'code', code: 139 }, false]);
  assert.equal(`${(await crash.lastWords())?.bytes}`, 'Error: boom\n    at x\n');

  engine.containers.set(ID, container('2026-11-29T10:00:01Z'));
  engine.say('start');
  const second = await reports.next(reports.starts);
  assert.notEqual(second.key, first.key);
  engine.say('kill', { signal: '1' });
  engine.say('kill', { signal: '15' });
  engine.say('die', { exitCode: '143' });
  const stop = await reports.next(reports.exits);
  assert.deepEqual([stop.start.key, stop.asked], [second.key, true]);

  engine.containers.set(ID, container('2026-11-29T10:00:02Z'));
  engine.say('start');
  await reports.next(reports.starts);
  engine.containers.set(ID, container('2026-11-29T10:00:02Z', { isOomKilled: true }));
  engine.say('kill', { signal: '1' });
  engine.say('die', { exitCode: '137' });
  const oom = await reports.next(reports.exits);
  assert.deepEqual([oom.because, oom.asked], ['oom-kill', false]);
  assert.ok(engine.asked.every((request) => request.startsWith('GET ')));
});

test('an engine that is started again is followed again; what runs on is announced once', async () => {
  await using engine = await FakeEngine.start();
  engine.containers.set(
    ID,
    container('2026-11-29T10:00:00Z', {
      labels: {
        'com.docker.compose.project': 'web',
        'com.docker.compose.service': 'shop',
        'com.docker.compose.container-number': '2',
      },
    }),
  );
  await using reports = await new Reports(engine.socketPath).begin();
  await engine.followed();
  const { service } = await reports.next(reports.starts);
  assert.deepEqual([service.id, service.name, service.replica], ['docker:web-shop:2', 'web-shop', '2']);
  engine.cutEvents();
  await engine.followed();
  engine.say('rename');
  engine.say('die', { exitCode: '1' });
  await reports.next(reports.exits);
  assert.deepEqual([reports.starts, reports.missed], [[], []]);
  engine.say('start');
  await reports.next(reports.starts);
  engine.say('destroy');
  assert.equal(await reports.next(reports.gone), 'docker:web-shop:2');
});

test('what ended while an engine was away is a number; what systemd runs is left to it', async () => {
  await using engine = await FakeEngine.start();
  engine.containers.set(ID, container('2026-11-29T10:00:00Z'));
  engine.containers.set('b'.repeat(64), {
    ...container('2026-11-29T10:00:00Z', { labels: { PODMAN_SYSTEMD_UNIT: 'shop.service' } }),
    Id: 'b'.repeat(64),
  });
  await using reports = await new Reports(engine.socketPath).begin();
  await engine.followed();
  const first = await reports.next(reports.starts);
  engine.cutEvents();
  engine.containers.set(ID, container('2026-11-29T10:00:09Z'));
  await engine.followed();
  const second = await reports.next(reports.starts);
  assert.notEqual(second.key, first.key);
  assert.deepEqual([reports.starts, reports.missed, reports.exits], [[], [1], []]);
});

test('without an engine there are no containers, and no error', async () => {
  await using directory = await temporaryDirectory('engine');
  await using reports = await new Reports(path.join(directory.path, 'none.sock')).begin();
  assert.deepEqual([reports.starts, reports.exits], [[], []]);
});
