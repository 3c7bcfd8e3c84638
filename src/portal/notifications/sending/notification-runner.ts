import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from '../../../notify/retry.ts';
import type { PortalLog } from '../../portal-parts.ts';
import type { ClaimedDelivery, NotificationStore } from '../../store/notifications/notification-store.ts';
import { type SendingParts, sendClaimed } from './send-claimed.ts';

/** At the same time, each a connection of its own; a mail server that hangs must not keep webhooks waiting. */
const MOST_AT_ONCE = { mail: 6, webhook: 4 } as const;
/** Between attempts to store what became of a delivery; its lease is much longer than all of them. */
const SETTLE_AGAIN_MS = [1_000, 5_000, 20_000, 40_000] as const;
/** Other processes of the portal may have stored something; on SQLite there is none. */
const POLL_MS = { postgres: 5_000, sqlite: 60_000 } as const;
const AFTER_TROUBLE_MS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;
const COUNT_EVERY_MS = 30_000;
/** For attempts that run when the portal ends; what is not settled by then is sent again after its lease. */
const DRAIN_MS = 8_000;

/**
 * Tells people what is due: ends episodes, makes digests, and sends what waits in the outbox. Several processes may run
 * one each over the same database. Woken by what this process stores, by the clock, and every few seconds for what
 * others stored.
 */
export class NotificationRunner implements AsyncDisposable {
  readonly #parts: SendingParts;
  readonly #log: Pick<PortalLog, 'warn'>;
  readonly #notifications: NotificationStore;
  /** What is being sent, and to which address. */
  readonly #sending = { mail: new Map<Promise<void>, string>(), webhook: new Map<Promise<void>, string>() };
  readonly #over = new AbortController();
  readonly #cut = new AbortController();
  #prunedMs = Number.NEGATIVE_INFINITY;
  #countedMs = Number.NEGATIVE_INFINITY;
  #counts = { waiting: 0, dead: 0 };
  #turn: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | null = null;
  #isWoken = false;
  /** Not only room for more deliveries: time passed, or something was stored. */
  #isPassing = true;
  #loop: Promise<void> = Promise.resolve();
  #unlisten: () => void = () => {};

  constructor(parts: SendingParts, log: Pick<PortalLog, 'warn'>) {
    this.#parts = parts;
    this.#log = log;
    this.#notifications = parts.store.notifications;
  }

  start(): this {
    this.#unlisten = this.#parts.store.outboxSignal.subscribe(() => {
      this.#isPassing = true;
      this.#ring();
    });
    this.#loop = this.#run();
    return this;
  }

  /** Of all processes together, as they were some seconds ago. */
  get counts(): { waiting: number; dead: number } {
    return this.#counts;
  }

  /** Does everything that is due now, and waits until it was tried. */
  async runDue(): Promise<void> {
    await this.#passTime();
    for (;;) {
      const isIdle = this.#all().length === 0;
      const claimed = await this.#fill();
      if (isIdle && claimed === 0) return;
      const sending = this.#all();
      if (sending.length > 0) await Promise.race(sending);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#unlisten();
    this.#ring();
    const cut = setTimeout(() => this.#cut.abort(), DRAIN_MS);
    await this.#loop;
    await Promise.all(this.#all());
    clearTimeout(cut);
  }

  #all(): Promise<void>[] {
    return [...this.#sending.mail.keys(), ...this.#sending.webhook.keys()];
  }

  /** One after the other: writing crashes needs the database's connections more than this does. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      let waitMs: number;
      try {
        if (this.#isPassing) await this.#passTime();
        await this.#fill();
        waitMs = await this.#untilNext();
        await this.#lookAround();
      } catch (error) {
        this.#log.warn({ err: error }, 'people could not be told what is due; it is tried again');
        this.#isPassing = true;
        waitMs = AFTER_TROUBLE_MS;
      }
      await this.#sleep(waitMs);
    }
  }

  async #passTime(): Promise<void> {
    this.#isPassing = false;
    const nowMs = this.#parts.now();
    const { signal } = this.#over;
    while ((await this.#inTurn(() => this.#notifications.passTime(nowMs))) && !signal.aborted);
    while ((await this.#inTurn(() => this.#notifications.makeDigests(nowMs))) && !signal.aborted);
  }

  /** @returns how many were claimed */
  async #fill(): Promise<number> {
    return (await this.#fillWith('mail')) + (await this.#fillWith('webhook'));
  }

  async #fillWith(type: ClaimedDelivery['type']): Promise<number> {
    const sending = this.#sending[type];
    const free = MOST_AT_ONCE[type] - sending.size;
    // Several at a time: each look costs as much as the next.
    if (free < MOST_AT_ONCE[type] / 2 || this.#over.signal.aborted) return 0;
    const wanted = { type, limit: free, busy: this.#busy(type) };
    const claimed = await this.#inTurn(() => this.#notifications.claim(wanted, this.#parts.now()));
    for (const delivery of claimed) {
      const sent = this.#send(delivery).finally(() => {
        sending.delete(sent);
        // There may be more than there was room for.
        this.#ring();
      });
      sending.set(sent, delivery.address);
    }
    return claimed.length;
  }

  /** Webhooks to a host that hangs must not take all the room; mails all go to the one server. */
  #busy(type: ClaimedDelivery['type']): Set<string> {
    if (type === 'mail') return new Set();
    const addresses = [...this.#sending[type].values()];
    const isBusy = (address: string) =>
      addresses.filter((other) => other === address).length >= MOST_AT_ONCE[type] / 2;
    return new Set(addresses.filter(isBusy));
  }

  async #send(delivery: ClaimedDelivery): Promise<void> {
    const result = await this.#attempt(delivery);
    this.#parts.onAttempt?.(delivery.type, result.outcome);
    for (const pauseMs of [...SETTLE_AGAIN_MS, null]) {
      try {
        return await this.#inTurn(() => this.#notifications.settle(delivery, result, this.#parts.now()));
      } catch (error) {
        this.#log.warn({ err: error }, 'what became of a notice could not be stored; it may be sent again');
        if (pauseMs === null || this.#over.signal.aborted) return;
        await delay(pauseMs, undefined, { signal: this.#over.signal, ref: false }).catch(() => {});
      }
    }
  }

  async #attempt(delivery: ClaimedDelivery): Promise<Attempt> {
    try {
      return await sendClaimed(delivery, this.#parts, this.#cut.signal);
    } catch (error) {
      this.#log.warn({ err: error }, 'a notice could not be written; it is tried again');
      return { outcome: 'retry', why: 'The portal could not write it.', retryAfterMs: null };
    }
  }

  async #untilNext(): Promise<number> {
    // What is due and has no room waits for a delivery that ends, which rings.
    const isBusy = this.#sending.mail.size > MOST_AT_ONCE.mail / 2;
    if (isBusy || this.#sending.webhook.size >= MOST_AT_ONCE.webhook / 2) return POLL_MS.postgres;
    const pollMs = POLL_MS[this.#parts.store.dialect];
    const dueMs = await this.#notifications.nextDueMs();
    return dueMs === null ? pollMs : Math.max(0, Math.min(pollMs, dueMs - this.#parts.now()));
  }

  async #lookAround(): Promise<void> {
    const nowMs = this.#parts.now();
    if (Math.abs(nowMs - this.#countedMs) >= COUNT_EVERY_MS) {
      this.#counts = await this.#notifications.outboxCounts();
      this.#countedMs = nowMs;
    }
    if (Math.abs(nowMs - this.#prunedMs) < PRUNE_EVERY_MS) return;
    if (!(await this.#notifications.prune(nowMs))) this.#prunedMs = nowMs;
  }

  #ring(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Until woken; a little at least, so that a clock that stands still makes no busy loop. */
  async #sleep(ms: number): Promise<void> {
    if (this.#over.signal.aborted) return;
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(
          () => {
            this.#isPassing = true;
            resolve();
          },
          Math.max(50, ms),
        );
        timer.unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#isWoken = false;
  }
}
