import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pm2Source } from '../../src/host/pm2/pm2-source.ts';
import type { ServiceExit, ServiceStart, SourceListener } from '../../src/host/source.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { cleanEnvironment } from '../support/npm.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PM2 = path.join(CHECKOUT, 'test', 'apps', 'node_modules', 'pm2', 'bin', 'pm2');
const APP = path.join(CHECKOUT, 'test', 'fixtures', 'host', 'pm2-app.cjs');

type Report = { start?: ServiceStart; exit?: ServiceExit; missed?: number; gone?: string };

/** A PM2 of the test's own, and what a source reports of it. */
class Host implements AsyncDisposable {
  readonly home: string;
  readonly #stack = new AsyncDisposableStack();
  readonly #arrived = new EventTarget();
  readonly reports: Report[] = [];
  #source: Pm2Source | null = null;

  private constructor(home: string) {
    this.home = home;
  }

  static async start(): Promise<Host> {
    const directory = await temporaryDirectory('pm2');
    const host = new Host(directory.path);
    host.#stack.use(directory);
    host.#stack.defer(() => host.pm2('kill'));
    await host.pm2('ping');
    return host;
  }

  async pm2(...args: string[]): Promise<void> {
    const env = { PM2_HOME: this.home, PM2_DISABLE_VERSION_CHECK: 'true', ORDERS: this.home };
    const { code, stdout, stderr } = await runProgram(process.execPath, [PM2, ...args], {
      env: { ...cleanEnvironment(), ...env },
    });
    assert.equal(code, 0, stdout + stderr);
  }

  async watch(): Promise<void> {
    const report = async (one: Report) => {
      this.reports.push(one);
      this.#arrived.dispatchEvent(new Event('report'));
    };
    const isOurs = ({ service }: { service: ServiceStart['service'] }) =>
      service.id.startsWith(`pm2:${this.home}:`);
    const listener: SourceListener = {
      started: (start) => void (isOurs(start) && report({ start })),
      exited: async (exit) => {
        if (isOurs(exit.start)) await report({ exit });
        return true;
      },
      missed: async (service, missed) => {
        if (isOurs({ service })) await report({ missed });
        return true;
      },
      gone: (service) => void (isOurs({ service }) && report({ gone: service.name })),
      problem: () => {},
    };
    this.#source = new Pm2Source({ statePath: path.join(this.home, 'counts.json'), scanEveryMs: 50 });
    await this.#source.begin(listener);
  }

  async leave(): Promise<void> {
    await this.#source?.end();
  }

  /** The next report that fits; those of other kinds stay. */
  async next<Found>(find: (report: Report) => Found | undefined): Promise<Found> {
    for (;;) {
      const at = this.reports.findIndex((report) => find(report) !== undefined);
      const [report] = at < 0 ? [] : this.reports.splice(at, 1);
      const found = report && find(report);
      if (found !== undefined) return found;
      await once(this.#arrived, 'report', { signal: AbortSignal.timeout(30_000) });
    }
  }

  start(name: string): Promise<ServiceStart> {
    return this.next(({ start }) => (start?.service.name === name ? start : undefined));
  }

  exit(name: string): Promise<ServiceExit> {
    return this.next(({ exit }) => (exit?.start.service.name === name ? exit : undefined));
  }

  order(pid: number, what: string): void {
    const file = path.join(this.home, String(pid));
    writeFileSync(`${file}.new`, what);
    renameSync(`${file}.new`, file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
    await this.#stack.disposeAsync();
  }
}

/** Of an exit, what does not change from run to run. */
async function ended(exit: ServiceExit): Promise<unknown[]> {
  const words = `${(await exit.lastWords())?.bytes ?? ''}`;
  assert.doesNotMatch(words.replace(`run ${exit.start.pid}\n`, ''), /run \d/, 'words of another run');
  return [exit.status, exit.asked, exit.because, /Error: \w+/.exec(words)?.[0] ?? null];
}

const code = (number: number) => ({ type: 'code', code: number });
const signal = (name: string) => ({ type: 'signal', signal: name });

describe('PM2', () => {
  let host: Host;
  before(async () => {
    host = await Host.start();
  });
  after(() => host[Symbol.asyncDispose]());

  for (const mode of ['fork', 'cluster']) {
    test(`${mode} mode: each exit once, with its status and last words; a stop is none of the app's`, async () => {
      const isCluster = mode === 'cluster';
      const args = isCluster ? ['-i', '1'] : [];
      await host.pm2('start', APP, '--name', mode, ...args);
      await host.watch();
      let start = await host.start(mode);
      assert.deepEqual(
        [start.service.id, start.service.replica, start.service.attributes],
        [`pm2:${host.home}:${mode}`, null, { 'pm2.exec_mode': mode }],
      );
      const keys = new Set([start.key]);
      const orders: [string, unknown[]][] = [
        // PM2's own code in a worker of a cluster ends it with 0.
        ['throw boom', [code(isCluster ? 0 : 1), false, 'exception', 'Error: boom']],
        ['exit 3', [code(3), false, null, null]],
        ['kill SIGSEGV', [signal('SIGSEGV'), false, null, null]],
        ['kill SIGKILL', [signal('SIGKILL'), false, null, null]],
      ];
      for (const [order, expected] of orders) {
        host.order(start.pid, order);
        const exit = await host.exit(mode);
        assert.deepEqual([exit.start.pid, exit.start.key], [start.pid, start.key], order);
        assert.deepEqual(await ended(exit), expected, order);
        start = await host.start(mode);
        keys.add(start.key);
      }
      assert.equal(keys.size, 5);
      for (const args of [
        ['restart', mode],
        ['reload', mode],
        ['stop', mode],
        ['delete', mode],
      ]) {
        const before = start;
        await host.pm2(...args);
        if (args[0] === 'delete') continue;
        const exit = await host.exit(mode);
        assert.deepEqual([exit.start.key, exit.asked], [before.key, true], args[0]);
        if (args[0] !== 'stop') start = await host.start(mode);
      }
      assert.deepEqual(
        host.reports.filter(({ exit }) => exit?.asked === false),
        [],
        'no exit twice',
      );
      await host.leave();
    });
  }
});

test('what happened while the agent was away is a number, and the end of PM2 is no crash', async () => {
  await using host = await Host.start();
  await host.pm2('start', APP, '--name', 'shop', '-i', '2');
  await host.watch();
  const first = await host.start('shop');
  const second = await host.start('shop');
  assert.deepEqual([first.service.replica, second.service.replica].toSorted(), ['1', null]);
  const away = first.service.replica === null ? first : second;
  await host.leave();
  host.reports.length = 0;
  host.order(away.pid, 'exit 1');
  // PM2 restarts it sooner or later.
  for (let missed: Report | undefined; missed === undefined; ) {
    await host.pm2('ping');
    await host.watch();
    missed = host.reports.find((report) => report.missed !== undefined);
    assert.ok(missed === undefined || missed.missed === 1);
    if (missed === undefined) await host.leave();
  }
  host.reports.length = 0;
  await host.pm2('kill');
  const report = await host.next(({ gone, exit }) => gone ?? exit);
  assert.ok(typeof report === 'string' || report.asked);
});
