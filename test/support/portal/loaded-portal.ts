import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { backRecord, captureRecord, crashRecord, redactedReport } from './records.ts';
import { agentRequest, type LogsAnswer, sendLogs } from './send-logs.ts';
import {
  newToken,
  type PortalProcess,
  startPortalProcess,
  type TestPortalPlace,
  withStore,
} from './start-portal.ts';

const SENDERS = 6;
const CRASHES_A_BATCH = 5;
const AGAIN_MS = 50;
const DAY_MS = 86_400_000;

/**
 * A portal as a program, and senders that send without a pause: each batch until it was taken, as agents do, so that a
 * kill of the portal never loses one and often makes one come twice.
 */
export class LoadedPortal implements AsyncDisposable {
  readonly #place: TestPortalPlace;
  readonly #token: string;
  readonly #changes = new EventTarget();
  readonly #abandoned = new AbortController();
  #portal: PortalProcess;
  #senders: Promise<void>[] = [];
  #ending = false;
  #made = 0;
  #taken = 0;

  private constructor(place: TestPortalPlace, token: string, portal: PortalProcess) {
    this.#place = place;
    this.#token = token;
    this.#portal = portal;
  }

  static async start(place: TestPortalPlace): Promise<LoadedPortal> {
    const token = await withStore(place, (store) => newToken(store, 'shop'));
    const loaded = new LoadedPortal(place, token, await startPortalProcess(place));
    loaded.#senders = Array.from({ length: SENDERS }, (_, sender) => loaded.#send(`web-${sender}`));
    return loaded;
  }

  /** Waits until so many more batches were taken. */
  async taken(batches: number): Promise<void> {
    const wanted = this.#taken + batches;
    while (this.#taken < wanted) await once(this.#changes, 'taken');
  }

  async killAndRestart(): Promise<void> {
    this.#portal.program.kill('SIGKILL');
    await this.#portal.program.exited;
    // The same address: senders know nothing of a restart.
    const port = Number(new URL(this.#portal.url).port);
    this.#portal = await startPortalProcess(this.#place, { port });
  }

  /** Ends the load. @returns how many crashes were sent, and how many the portal has by its counts and its rows */
  async finish(): Promise<{ sent: number; counted: number; listed: number; taken: number }> {
    this.#ending = true;
    await Promise.all(this.#senders);
    await this.#portal[Symbol.asyncDispose]();
    const found = await withStore(this.#place, async (store) => {
      const instances = await store.instances('shop', Date.now());
      const filter = { range: { fromMs: 0, toMs: Date.now() + DAY_MS } };
      let listed = 0;
      let next: string | undefined;
      do {
        const page = await store.crashes('shop', filter, 500, next);
        listed += page.items.filter(({ hasReport, backAfterMs }) => hasReport && backAfterMs !== null).length;
        next = page.next ?? undefined;
      } while (next !== undefined);
      return { counted: instances.reduce((sum, { crashesTotal }) => sum + crashesTotal, 0), listed };
    });
    return { sent: this.#made, taken: this.#taken, ...found };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    this.#abandoned.abort();
    await this.#portal[Symbol.asyncDispose]();
    await Promise.allSettled(this.#senders);
  }

  async #send(instance: string): Promise<void> {
    while (!this.#ending) {
      const request = agentRequest(this.#batch(), { instance });
      while (!this.#abandoned.signal.aborted) {
        const answer = await this.#try(request);
        if (answer?.status === 200 && answer.json.partialSuccess === undefined) break;
        if (answer?.status === 200) throw new Error(answer.body.toString());
        await delay(AGAIN_MS);
      }
      this.#taken++;
      this.#changes.dispatchEvent(new Event('taken'));
    }
  }

  /** null: there was no answer. */
  async #try(request: object): Promise<LogsAnswer | null> {
    try {
      return await sendLogs({ url: this.#portal.url, token: this.#token }, request, { gzip: true });
    } catch {
      return null;
    }
  }

  /** Reports and returns come before their crashes now and then. */
  #batch() {
    const nowMs = Date.now();
    const records = Array.from({ length: CRASHES_A_BATCH }, () => {
      const uid = (this.#made++).toString(16).padStart(24, '0');
      const report = { ...redactedReport(uid.slice(-12)), hold: { ms: 1 } };
      const crash = crashRecord(uid, nowMs, { reason: { code: 'uncaught-exception' } });
      const rest = [captureRecord(uid, nowMs, { report }), backRecord(uid, nowMs)];
      return this.#made % 3 === 0 ? [...rest, crash] : [crash, ...rest];
    });
    return records.flat();
  }
}
