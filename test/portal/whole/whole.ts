import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../../src/journal/open-journal-read-only.ts';
import { signInLink } from '../../../src/portal/access/domain/links.ts';
import { NO_PASSWORD } from '../../../src/portal/access/domain/passwords/password-hash.ts';
import type { CrashEvent } from '../../../src/portal/store/read/crash-store.ts';
import type { InstanceSummary } from '../../../src/portal/store/read/instance-store.ts';
import { crashUid } from '../../../src/privacy/publish-crash.ts';
import { startCrashmon } from '../../support/crashmon.ts';
import { freePort } from '../../support/free-port.ts';
import { sendForm } from '../../support/portal/send-form.ts';
import {
  newToken,
  type PortalProcess,
  startPortalProcess,
  withStore,
} from '../../support/portal/start-portal.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { storedExits } from '../../support/stored-exits.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';

const APP = 'shop';
const DEADLINE_MS = 120_000;
const LOOK_EVERY_MS = 200;

/** A worker that says `ready` and dies at the next line of its standard input. */
const CRASHES_ON_REQUEST =
  "process.stdin.once('data', () => { throw new TypeError('no price for alice'); }); console.log('ready');";

export type AgentOptions = {
  instance: string;
  options?: readonly string[];
  /** Of the worker; one that crashes on request if there is none. */
  command?: readonly string[];
};

/** One directory for a portal and its agents, each a program of its own that may be killed and started again. */
export class Whole implements AsyncDisposable {
  readonly stateDir: string;
  readonly tokenFile: string;
  /** Where the portal is whenever it runs. */
  readonly url: string;
  readonly #port: number;
  readonly #directory: TemporaryDirectory;
  readonly #running = new Set<AsyncDisposable>();
  #cookie = '';

  private constructor(directory: TemporaryDirectory, port: number) {
    this.stateDir = directory.path;
    this.tokenFile = path.join(directory.path, 'token');
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#directory = directory;
  }

  static async create(): Promise<Whole> {
    return new Whole(await stateDirectory(), await freePort());
  }

  get place(): { dataDir: string } {
    return { dataDir: path.join(this.stateDir, 'portal') };
  }

  async startPortal(args: string[] = []): Promise<PortalProcess> {
    const portal = await startPortalProcess(this.place, { port: this.#port, deadlineMs: 300_000, args });
    this.#running.add(portal);
    return portal;
  }

  /** Writes a new token into the file that agents read. @returns its id */
  async putToken(): Promise<string> {
    return withStore(this.place, async (store) => {
      writeFileSync(this.tokenFile, `${await newToken(store, APP)}\n`);
      const [newest] = (await store.tokens(APP)).toSorted((a, b) => b.createdAtMs - a.createdAtMs);
      return newest?.id ?? '';
    });
  }

  startAgent({ instance, options = [], command }: AgentOptions): RunningProgram {
    const own = ['--name', APP, '--instance', instance, '--restart-delay', '10ms'];
    const portal = ['--portal', this.url, '--portal-token-file', this.tokenFile];
    const worker = command ?? [process.execPath, '-e', CRASHES_ON_REQUEST];
    const agent = startCrashmon(['run', ...own, ...portal, ...options, '--', ...worker], {
      stateDir: this.stateDir,
      input: 'open',
      deadlineMs: 300_000,
    });
    this.#running.add(agent);
    return agent;
  }

  /** As a person does who opens a link, and says yes. */
  async signIn(): Promise<void> {
    const link = await withStore(this.place, async (store) => {
      const grants = [{ app: '*', role: 'admin' as const }];
      const account = await store.createAccount({
        name: 'ada',
        passwordHash: NO_PASSWORD,
        grants,
        atMs: Date.now(),
      });
      return signInLink({ store, now: Date.now, baseUrl: () => this.url }, account.id);
    });
    const answer = await fetch(link, { method: 'POST', redirect: 'manual' });
    this.#cookie = (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    if (this.#cookie === '') throw new Error(`not signed in: ${answer.status} ${await answer.text()}`);
  }

  async page(address: string): Promise<string> {
    const answer = await fetch(`${this.url}${address}`, {
      headers: { cookie: this.#cookie, accept: 'text/html' },
    });
    if (answer.status !== 200) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  }

  /** As a form of the page does. */
  async post(address: string, fields: Record<string, string>): Promise<void> {
    const answer = await this.send(address, fields);
    if (answer.status !== 303) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
  }

  /** The same, whatever the answer is. */
  async send(address: string, fields: Record<string, string>): Promise<Response> {
    return await sendForm({ url: this.url, cookie: this.#cookie }, address, fields);
  }

  async api<Answer>(address: string): Promise<Answer> {
    const answer = await fetch(`${this.url}/api/v1/apps/${APP}${address}`, {
      headers: { cookie: this.#cookie },
    });
    if (answer.status !== 200) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  /** Every crash that the portal has, newest first. */
  async crashes(): Promise<CrashEvent[]> {
    const all: CrashEvent[] = [];
    let after = '';
    for (;;) {
      const address = `/crashes?range=1d&limit=500${after}`;
      const { items, next } = await this.api<{ items: CrashEvent[]; next: string | null }>(address);
      all.push(...items);
      if (next === null) return all;
      after = `&after=${encodeURIComponent(next)}`;
    }
  }

  async instances(): Promise<InstanceSummary[]> {
    return (await this.api<{ instances: InstanceSummary[] }>('/instances')).instances;
  }

  /** uids of the crashes that the journals of all agents hold, sorted. */
  recorded(): string[] {
    return storedExits(this.stateDir)
      .filter(({ verdict }) => verdict.counted)
      .map(crashUid)
      .toSorted();
  }

  /** How many records wait to be sent. */
  waiting(): number {
    return listJournals(this.stateDir).reduce((sum, { directory }) => {
      using journal = openJournalReadOnly(directory);
      return sum + (journal?.outboxTotals().records ?? 0);
    }, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#running) await program[Symbol.asyncDispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}

/** Looks again until there is an answer: for what other processes do there is no event. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | false | null | undefined> | Value | false | null | undefined,
  deadlineMs = DEADLINE_MS,
): Promise<Value> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not so after ${deadlineMs} ms: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Lets the worker die, and waits until the next one is there. */
export async function crash(agent: RunningProgram): Promise<void> {
  const from = agent.stdout.length;
  agent.stdin.write('now\n');
  await agent.waitForLine('stdout', /ready/, from);
}

/** Of an agent, which ends as its worker did, or of a portal, which ends with 0. */
export async function stop(program: RunningProgram): Promise<void> {
  program.kill('SIGTERM');
  const { code, signal, stderr } = await program.exited;
  if (code !== 0 && signal !== 'SIGTERM') throw new Error(`ended with ${code ?? signal}:\n${stderr}`);
}
