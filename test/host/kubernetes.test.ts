import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { KubernetesSource } from '../../src/host/kubernetes/kubernetes-source.ts';
import type { Service, ServiceExit, ServiceStart } from '../../src/host/source.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const id = (digit: string) => digit.repeat(64);
const UID = '4a2f1c3e-0000-4000-8000-1234567890ab';

type Status = { restartCount: number; state: object; lastState?: object; containerID?: string };

/** As the API documents `v1.Pod`; with what must not be read. */
function pod(version: number, status: Status, meta: object = {}): object {
  return {
    kind: 'Pod',
    metadata: {
      ...{ name: 'shop-7d4b9c6f5d-x2x4z', namespace: 'web', uid: UID, resourceVersion: `${version}` },
      labels: { app: 'shop', 'pod-template-hash': '7d4b9c6f5d' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'shop-7d4b9c6f5d', controller: true }],
      ...meta,
    },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'app', env: [{ name: 'PASSWORD', value: 'secret' }] }],
    },
    status: { containerStatuses: [{ name: 'app', image: 'registry.test/team/shop:1', ...status }] },
  };
}

const running = (container: string, startedAt: string) => ({
  containerID: `containerd://${container}`,
  state: { running: { startedAt } },
});

const terminated = (container: string, finishedAt: string, exitCode = 1, reason = 'Error') => ({
  terminated: {
    ...{ exitCode, reason, finishedAt, startedAt: '2026-11-29T10:00:00Z' },
    containerID: `containerd://${container}`,
  },
});

/**
 * No cluster: a server that answers lists and watches as "Kubernetes API concepts" documents them (resource versions,
 * bookmarks, 410 Gone).
 */
class FakeApiServer implements AsyncDisposable {
  readonly asked: string[] = [];
  items: object[] = [];
  version = 1;
  log = '';
  url = '';
  readonly #server: Server;
  readonly #arrived = new EventTarget();
  #watch: ServerResponse | null = null;

  private constructor() {
    this.#server = createServer(({ method, url = '' }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      this.asked.push(`${method} ${pathname} ${searchParams.get('resourceVersion') ?? ''}`.trim());
      if (searchParams.get('watch') === '1') {
        this.#watch = response.writeHead(200);
        response.flushHeaders();
        this.#arrived.dispatchEvent(new Event('watch'));
      } else if (pathname.endsWith('/log')) response.end(this.log);
      else {
        const metadata = { resourceVersion: `${this.version}` };
        response.end(JSON.stringify({ kind: 'PodList', metadata, items: this.items }));
      }
    });
  }

  static async start(): Promise<FakeApiServer> {
    const api = new FakeApiServer();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    api.url = `http://127.0.0.1:${(api.#server.address() as AddressInfo).port}`;
    return api;
  }

  async watched(): Promise<void> {
    while (this.#watch === null) await once(this.#arrived, 'watch', { signal: AbortSignal.timeout(30_000) });
  }

  say(type: string, object: object): void {
    this.#watch?.write(`${JSON.stringify({ type, object })}\n`);
  }

  /** The server ends a watch from time to time. */
  endWatch(): void {
    this.#watch?.end();
    this.#watch = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

class Reports {
  readonly starts: ServiceStart[] = [];
  readonly exits: ServiceExit[] = [];
  readonly missed: number[] = [];
  readonly gone: Service[] = [];
  readonly #arrived = new EventTarget();

  readonly listener = {
    started: (start: ServiceStart) => this.#add(this.starts, start),
    exited: async (exit: ServiceExit) => {
      this.#add(this.exits, exit);
      return true;
    },
    missed: async (_: Service, count: number) => {
      this.#add(this.missed, count);
      return true;
    },
    gone: (service: Service) => this.#add(this.gone, service),
    problem: (message: string) => assert.fail(message),
  };

  #add<Report>(reports: Report[], report: Report): void {
    reports.push(report);
    this.#arrived.dispatchEvent(new Event('report'));
  }

  async next<Report>(reports: Report[]): Promise<Report> {
    for (;;) {
      const report = reports.shift();
      if (report !== undefined) return report;
      await once(this.#arrived, 'report', { signal: AbortSignal.timeout(30_000) });
    }
  }
}

test('containers of pods: a crash loop, an OOM kill, a deletion; over ends of the watch and a version that is gone', async () => {
  await using directory = await temporaryDirectory('pods');
  await using api = await FakeApiServer.start();
  const log = path.join(directory.path, `web_shop-7d4b9c6f5d-x2x4z_${UID}`, 'app');
  mkdirSync(log, { recursive: true });
  const lines = [
    'stdout F hidden',
    'stderr P Error: ',
    'stderr F boom',
    'stderr F     at pay (/srv/app.js:1:1)',
  ];
  const text = lines.map((line) => `2026-11-29T10:00:05.123456789Z ${line}\n`).join('');
  writeFileSync(path.join(log, '0.log'), text);
  api.items = [pod(1, { restartCount: 0, ...running(id('a'), '2026-11-29T10:00:00Z') })];
  const process = { cgroup: { runtime: null, id: id('a'), podUid: UID }, pid: 4711, startTicks: 5 };
  const source = new KubernetesSource({
    place: { url: api.url, node: 'node-1', tokenPath: null, caPath: null, logDirectory: directory.path },
    processes: { find: () => new Map([[id('a'), process]]) },
    reconnectMs: [1],
  });
  const reports = new Reports();
  await source.begin(reports.listener);
  const first = await reports.next(reports.starts);
  assert.deepEqual(first.service, {
    ...{ id: 'kubernetes:web/shop/app', source: 'kubernetes', name: 'web-shop', replica: null },
    attributes: {
      'container.id': id('a'),
      'container.image.name': 'registry.test/team/shop:1',
      'k8s.namespace.name': 'web',
      'k8s.pod.name': 'shop-7d4b9c6f5d-x2x4z',
      'k8s.pod.uid': UID,
      'k8s.container.name': 'app',
      'k8s.node.name': 'node-1',
      'k8s.deployment.name': 'shop',
    },
  });
  assert.deepEqual([first.pid, first.startTicks, first.restarts], [4711, 5, 0]);

  // First only the end, then the restart: as the kubelet reports it.
  await api.watched();
  const ended = terminated(id('a'), '2026-11-29T10:00:05Z');
  api.say('MODIFIED', pod(2, { restartCount: 0, containerID: `containerd://${id('a')}`, state: ended }));
  const crash = await reports.next(reports.exits);
  assert.deepEqual([crash.start, crash.status, crash.asked], [first, { type: 'code', code: 1 }, false]);
  assert.equal(`${(await crash.lastWords())?.bytes}`, 'Error: boom\n    at pay (/srv/app.js:1:1)\n');
  const second = { restartCount: 1, ...running(id('b'), '2026-11-29T10:00:06Z'), lastState: ended };
  api.say('MODIFIED', pod(3, second));
  assert.equal((await reports.next(reports.starts)).key, `kubernetes/${id('b')}`);

  // A bookmark moves the version on; the watch goes on from there.
  api.say('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '50' } });
  api.endWatch();
  await api.watched();
  assert.equal(api.asked.at(-1), 'GET /api/v1/pods 50');

  // Two restarts at once: of one, only the number is known.
  const oom = terminated(id('c'), '2026-11-29T10:01:00Z', 137, 'OOMKilled');
  api.log = 'last line\n';
  api.say(
    'MODIFIED',
    pod(51, { restartCount: 3, ...running(id('d'), '2026-11-29T10:01:09Z'), lastState: oom }),
  );
  const killed = await reports.next(reports.exits);
  assert.deepEqual([killed.because, killed.start.key], ['oom-kill', `kubernetes/${id('c')}`]);
  assert.equal(`${(await killed.lastWords())?.bytes}`, 'last line\n');
  assert.equal(await reports.next(reports.missed), 1);
  await reports.next(reports.starts);

  // What the watch says is too old is listed again; what is known is not reported again.
  api.items = [pod(90, { restartCount: 3, ...running(id('d'), '2026-11-29T10:01:09Z'), lastState: oom })];
  api.version = 90;
  api.say('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
  api.endWatch();
  await api.watched();
  assert.equal(api.asked.at(-1), 'GET /api/v1/pods 90');
  assert.deepEqual([reports.starts, reports.exits, reports.missed], [[], [], []]);

  // A deleted pod gets SIGTERM.
  const stopped = terminated(id('d'), '2026-11-29T10:02:00Z', 1);
  const deletion = { deletionTimestamp: '2026-11-29T10:01:59Z' };
  const status = { restartCount: 3, containerID: `containerd://${id('d')}`, state: stopped, lastState: oom };
  api.say('MODIFIED', pod(91, status, deletion));
  assert.equal((await reports.next(reports.exits)).asked, true);
  api.say('DELETED', pod(92, status, deletion));
  assert.equal((await reports.next(reports.gone)).id, 'kubernetes:web/shop/app');
  assert.ok(api.asked.every((request) => request.startsWith('GET ')));
  await source.end();
});

test('replicas on one node are numbered; what ended before the agent came is reported', async () => {
  await using api = await FakeApiServer.start();
  const other = { name: 'shop-7d4b9c6f5d-aaaaa', uid: UID.replace('4a', '5b') };
  const before = terminated(id('e'), '2026-11-29T09:00:00Z', 255, 'ContainerStatusUnknown');
  api.items = [
    pod(1, { restartCount: 0, ...running(id('a'), '2026-11-29T10:00:00Z') }),
    pod(1, { restartCount: 4, ...running(id('b'), '2026-11-29T10:00:00Z'), lastState: before }, other),
    { kind: 'Pod', metadata: {} },
  ];
  const source = new KubernetesSource({
    place: { url: api.url, node: 'node-1', tokenPath: null, caPath: null, logDirectory: '/nonexistent' },
    processes: { find: () => new Map() },
  });
  const reports = new Reports();
  await source.begin(reports.listener);
  const starts = [await reports.next(reports.starts), await reports.next(reports.starts)];
  assert.deepEqual(
    starts.map(({ service, pid }) => [service.id, service.replica, pid]),
    [
      ['kubernetes:web/shop/app', null, 0],
      ['kubernetes:web/shop/app:2', '2', 0],
    ],
  );
  const exit = await reports.next(reports.exits);
  assert.deepEqual(
    [exit.status, exit.start.key, reports.missed],
    [{ type: 'unknown' }, `kubernetes/${id('e')}`, []],
  );
  await source.end();
});
