import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { AgentEvent } from '../../src/agent/agent-event.ts';
import { systemClock } from '../../src/agent/clock.ts';
import { DebuggerPool } from '../../src/agent/native/debugger-pool.ts';
import { listDumps } from '../../src/dumps/list-dumps.ts';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import { HostedApp } from '../../src/host/hosted-app.ts';
import { HostTcp } from '../../src/host/impact/host-tcp.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import type { Service, ServiceStart } from '../../src/host/source.ts';
import { Turnstile } from '../../src/host/turnstile.ts';
import { placeRequest } from '../../src/journal/requests.ts';
import { writeSession } from '../../src/journal/write-session.ts';
import type { CaptureMeans } from '../../src/model/capture-means.ts';
import type { DumpFacts } from '../../src/model/dump.ts';
import type { Session } from '../../src/model/session.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { tracerOf, until } from '../agent/native/armed.ts';
import { hostSettings } from '../support/host/host-settings.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { stateDirectory } from '../support/state-directory.ts';

const SHOP: Service = { id: 'docker:shop', source: 'docker', name: 'shop', replica: null, attributes: {} };

type Run = { child: ChildProcess; pid: number; start: ServiceStart };

/** A service, as its supervisor reports it, whose process says that it is ready, and crashes once it gets a line. */
class SupervisedShop implements AsyncDisposable {
  readonly #command: readonly string[];
  readonly #directory: string;
  readonly #events: AgentEvent[] = [];
  readonly #debuggers = new DebuggerPool(assert.fail);
  readonly #exits = new HostExits(assert.fail);
  readonly #app: HostedApp;
  readonly #children: ChildProcess[] = [];

  constructor(stateDir: string, command: readonly string[]) {
    this.#command = command;
    this.#directory = path.join(stateDir, 'apps', 'shop', 'host');
    this.#app = new HostedApp(SHOP, hostSettings().ofApp('shop'), {
      ...{ stateDir, uid: process.getuid?.() ?? 0, clock: systemClock(), turnstile: new Turnstile(1) },
      ...{
        exits: this.#exits,
        debuggers: this.#debuggers,
        started: new NewProcesses(),
        probes: null,
        tcp: new HostTcp(),
      },
      ...{ onStatus: () => {}, onEnd: () => {}, emit: (event) => void this.#events.push(event) },
    });
  }

  async start(): Promise<Run> {
    const [program = '', ...args] = this.#command;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#children.push(child);
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const startTicks = readProcessStat(pid)?.startTicks ?? null;
    const key = `boot/${this.#children.length}`;
    const start = { service: SHOP, key, pid, startTicks, startedAtMs: Date.now() };
    this.#app.started(start);
    return { child, pid, start };
  }

  async crash({ child, start }: Run): Promise<void> {
    const exited = once(child, 'exit');
    child.stdin?.write('\n');
    const [code, signal] = await exited;
    const status =
      signal === null ? ({ type: 'code', code } as const) : ({ type: 'signal', signal } as const);
    await this.#app.exited({
      ...{ start, status, endedAtMs: Date.now(), asked: false, because: null },
      lastWords: async () => null,
    });
  }

  /** A session for one dump. */
  async session(): Promise<void> {
    await this.#app.open();
    const store = path.join(this.#directory, 'dumps');
    mkdirSync(store, { mode: 0o700 });
    const now = systemClock()();
    const session: Session = {
      ...{
        id: '0123456789ab',
        startedAt: now,
        startedBy: 'ann',
        endsAtMs: now.wallMs + 3_600_000,
        maxDumps: 1,
      },
      ...{ store, recipient: null, keepMs: 3_600_000, maxDiskBytes: 2 ** 30, stoppedAtMs: null },
    };
    writeSession(this.#directory, session);
    placeRequest(this.#directory, 'override');
  }

  /** The newest crash. */
  get isCaptured(): boolean {
    return this.#events.findLast((each) => each.event === 'ended')?.captured === true;
  }

  /** Was the dump of the newest crash, which was captured, kept? */
  async isDumped(): Promise<boolean> {
    const crash = this.#events.findLast((each) => each.event === 'ended');
    const isOfIt = (each: AgentEvent) => each.event === 'dump' && each.runId === crash?.runId;
    await until('it is known whether its dump is kept', () => this.#events.some(isOfIt));
    return this.#events.some((each) => each.event === 'dump' && isOfIt(each) && each.why === null);
  }

  async armed(means: CaptureMeans): Promise<void> {
    await until('it is armed', () =>
      this.#events.some((each) => each.event === 'armed' && each.means === means),
    );
  }

  async dumps(): Promise<DumpFacts[]> {
    await until('its dump is kept', () => this.#events.some(({ event }) => event === 'dump'));
    return (await listDumps(path.join(this.#directory, 'dumps'))).map(({ facts }) => facts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.end();
    await this.#debuggers.end();
    await this.#exits.end();
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

test('a session has a service that has not crashed so far attached, keeps its dump, and ends with that', async () => {
  await using compiler = await nativeCompiler();
  await using state = await stateDirectory();
  const program = await compiler.compile('waits-to-crash.c');
  await using shop = new SupervisedShop(state.path, [program, '2']);
  const first = await shop.start();
  await shop.session();
  await until('it is attached', () => tracerOf(first.pid) > 0);
  await shop.crash(first);
  // The supervisor restarts it: it is attached until the dump is counted.
  const second = await shop.start();
  const [dump, ...others] = await shop.dumps();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [dump?.app, dump?.executable, dump?.status],
    ['shop', program, { type: 'signal', signal: 'SIGSEGV' }],
  );
  await until('the session is over', () => tracerOf(second.pid) === 0);
});

test('of a Node.js service whose last crash was an exception, the next one leaves a dump', async () => {
  await using state = await stateDirectory();
  const code = 'process.stdin.on("data", () => { throw new RangeError("x") }); console.log("ready")';
  await using shop = new SupervisedShop(state.path, [process.execPath, '-e', code]);
  await shop.crash(await shop.start());
  const second = await shop.start();
  await shop.session();
  await shop.armed('exit-watch');
  await shop.crash(second);
  // A busy machine can be too slow for the time of a hold; then a later one leaves a dump.
  for (let attempt = 0; !(shop.isCaptured && (await shop.isDumped())) && attempt < 20; attempt++) {
    const next = await shop.start();
    await until('it is watched', () => tracerOf(next.pid) > 0);
    await shop.crash(next);
  }
  const [dump] = await shop.dumps();
  assert.deepEqual([dump?.exceptionType, dump?.status], ['RangeError', { type: 'code', code: 1 }]);
});
