import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { AgentEvent } from '../../agent/agent-event.ts';
import { nearestPlace } from '../../explain/nearest-place.ts';
import { type JournalLocation, listJournals } from '../../journal/list-journals.ts';
import { openJournalReadOnly } from '../../journal/open-journal-read-only.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { OWN_ENTRY, ownEnvironment } from '../start/own-command.ts';
import type { Example } from './examples.ts';

/** The machine can be busy. */
const DEADLINE_MS = 300_000;

/** The output of `crashmon run --json`: its events, and the address that the app prints. */
type Seen = AgentEvent | { event: 'listening'; url: string };
type SeenOf<Name extends Seen['event']> = Extract<Seen, { event: Name }>;

/** In the words of the demo. */
const AWAITED = {
  started: 'the app to start',
  listening: 'the app to listen',
  ended: 'the app to crash',
  'last-words': 'the call stack from standard error',
  report: 'the report',
} as const;

export type DemoAppOptions = {
  example: Example;
  stateDir: string;
  instance: string;
  /** Receiver of crash records; null: none. */
  portal: { url: string; token: string } | null;
  /** The command line of `crashmon doctor`. */
  doctor: string;
  /** Aborted when the demo is interrupted. */
  over: AbortSignal;
};

export type DemoCrash = { runId: string; backAfterMs: number; armed: boolean; captured: boolean };

/** One instance of an example under a real `crashmon run`. */
export class DemoApp implements AsyncDisposable {
  url = '';
  pid = 0;
  readonly #run: ChildProcess;
  readonly #seen: Seen[] = [];
  readonly #ended: Promise<unknown>;
  #wake = Promise.withResolvers<void>();
  #failed: string | null = null;
  /** The last problem that crashmon reported: the likely reason if the demo fails. */
  #problem: string | null = null;
  readonly #options: DemoAppOptions;

  /** The port stays the same across restarts. */
  static async start(options: DemoAppOptions, context: CliContext): Promise<DemoApp> {
    return new DemoApp(options, await freePort(), context);
  }

  private constructor(options: DemoAppOptions, port: number, context: CliContext) {
    this.#options = options;
    const { example, stateDir, instance, portal, over } = options;
    over.addEventListener('abort', () => this.#fail('interrupted'));
    const run = ['run', '--name', example.app, '--instance', instance, '--state-dir', stateDir, '--json'];
    // At the lowest priority, a busy machine gives an analysis a second of processor time in minutes.
    run.push('--restart-delay', '50ms', '--no-debugger', '--hurry');
    if (portal !== null) run.push('--portal', portal.url);
    // If the demo has run in this directory before, the capture pause of 8 hours does not apply.
    if (journalOf(options) !== undefined) run.push('--cooldown', '0');
    // Overrides the user's receiver.
    const receiver = { CRASHMON_PORTAL: '', CRASHMON_PORTAL_TOKEN: portal?.token ?? '' };
    this.#run = spawn(process.execPath, [OWN_ENTRY, ...run, '--', ...example.command], {
      cwd: example.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...ownEnvironment(context), ...receiver, PORT: `${port}` },
    });
    this.#ended = new Promise((resolve) => this.#run.once('exit', resolve));
    this.#run.once('error', (error) => this.#fail(error.message));
    this.#run.once('exit', (code) => this.#fail(`crashmon run exited with code ${code}`));
    if (this.#run.stdout !== null) {
      createInterface(this.#run.stdout).on('line', (line) => {
        const url = /^\w+ listening on (http:\S+)$/.exec(line)?.[1];
        if (url !== undefined) this.#see({ event: 'listening', url });
      });
    }
    if (this.#run.stderr !== null) {
      createInterface(this.#run.stderr).on('line', (line) => {
        // The crashing app writes between crashmon's events.
        if (line.startsWith('{"at":')) this.#see(JSON.parse(line));
      });
    }
  }

  /** Resolves when it accepts orders. */
  async up(): Promise<void> {
    this.pid = (await this.#next('started')).pid;
    this.url = (await this.#next('listening')).url;
  }

  /** Without a journal it runs, but nothing is recorded. */
  refuseWithoutJournal(): void {
    const found = journalOf(this.#options);
    const reader = found === undefined ? null : openJournalReadOnly(found.directory);
    if (reader === null) this.refuse('crashmon cannot record its crashes');
    else reader.close();
  }

  /** Ends the demo with this reason and crashmon's last problem. */
  refuse(why: string): never {
    const problem = this.#problem === null ? '' : `: ${this.#problem.replace(/\.$/, '')}`;
    throw new CrashmonError(
      'DEMO_FAILED',
      `The demo failed: ${why}${problem}. To check this machine: ${this.#options.doctor}`,
    );
  }

  /** Sends the order that crashes it; resolves after the restart. */
  async crashByOrder(): Promise<DemoCrash> {
    await sendOrder(this.url, this.#options.example);
    const ended = await this.#next('ended');
    const sinceMs = performance.now();
    await this.up();
    const { runId, captured, state } = ended;
    return { runId, captured, armed: state === 'armed', backAfterMs: performance.now() - sinceMs };
  }

  /** Resolves when the report of a captured crash exists. */
  async report(): Promise<void> {
    await this.#next('report');
  }

  /** Of a crash that was not captured: where its call stack points to, once it was read from standard error. */
  async placeOf({ runId }: DemoCrash): Promise<string> {
    const { hasStack } = await this.#next('last-words');
    const found = hasStack ? journalOf(this.#options) : undefined;
    const reader = found === undefined ? null : openJournalReadOnly(found.directory);
    try {
      const report = reader?.report(runId) ?? null;
      const place = report === null ? null : nearestPlace(JSON.parse(report));
      return place ?? this.refuse('the first crash has no call stack');
    } finally {
      reader?.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failed = 'it has ended';
    if (this.#run.exitCode === null && this.#run.signalCode === null && this.#run.kill('SIGTERM')) {
      await this.#ended;
    }
  }

  #see(seen: Seen): void {
    this.#seen.push(seen);
    if (seen.event === 'problem') this.#problem = seen.message;
    if (seen.event === 'disabled') this.#fail(`monitoring is switched off (${seen.reason})`);
    this.#wake.resolve();
  }

  #fail(why: string): void {
    this.#failed ??= why;
    this.#wake.resolve();
  }

  /** The next event of this name; each is returned once. */
  async #next<Name extends keyof typeof AWAITED>(name: Name): Promise<SeenOf<Name>> {
    const why = `no progress for ${DEADLINE_MS / 1000} s while it waited for ${AWAITED[name]}`;
    const timeout = setTimeout(() => this.#fail(why), DEADLINE_MS);
    try {
      for (;;) {
        const index = this.#seen.findIndex((seen) => seen.event === name);
        if (index >= 0) return this.#seen.splice(index, 1)[0] as SeenOf<Name>;
        if (this.#failed !== null) this.refuse(this.#failed);
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    } finally {
      clearTimeout(timeout);
    }
  }
}

function journalOf({ stateDir, instance, example }: DemoAppOptions): JournalLocation | undefined {
  return listJournals(stateDir).find((found) => found.app === example.app && found.instance === instance);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function sendOrder(url: string, { order }: Example): Promise<void> {
  try {
    await fetch(url + order.path, { method: 'POST', body: JSON.stringify(order.body) });
  } catch {
    // It crashed, so the connection broke.
  }
}
