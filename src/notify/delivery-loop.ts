import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from './retry.ts';

export type DeliveryType = 'mail' | 'webhook';

/** `address` is the mail address, or the host of the webhook. */
export type DeliveryAddress = { type: DeliveryType; address: string };

/** Where deliveries wait, and how one of them is sent. */
export type Outbox<Claimed> = {
  /**
   * Due deliveries, at most `limit`, none to addresses in `busy`. No other process gets them before their lease is over,
   * so that a process that is killed leaves them to be sent again.
   */
  claim(wanted: { type: DeliveryType; limit: number; busy: ReadonlySet<string> }): Promise<Claimed[]>;
  /** One attempt. */
  send(delivery: Claimed, signal: AbortSignal): Promise<Attempt>;
  settle(delivery: Claimed, result: Attempt): Promise<void>;
  /** Something other than the recipient failed; it is tried again. */
  onTrouble(error: unknown, doing: 'send' | 'settle'): void;
};

export type LoopSignals = {
  /** Nothing more is claimed. */
  over: AbortSignal;
  /** Attempts that run are cut short. */
  cut: AbortSignal;
};

/** Between attempts to store a result; a lease is much longer than all of them. */
const SETTLE_AGAIN_MS = [250, 1_000, 5_000, 20_000, 40_000] as const;

/** Claims what is due, sends it and records the result; so many at a time of each type. */
export class DeliveryLoop<Claimed extends DeliveryAddress> {
  readonly #outbox: Outbox<Claimed>;
  readonly #mostAtOnce: Readonly<Record<DeliveryType, number>>;
  readonly #signals: LoopSignals;
  readonly #onFree: () => void;
  /** What is being sent, and to which address. */
  readonly #sending = { mail: new Map<Promise<void>, string>(), webhook: new Map<Promise<void>, string>() };
  #turn: Promise<unknown> = Promise.resolve();

  /** @param onFree a delivery ended: there may be more than there was room for */
  constructor(
    outbox: Outbox<Claimed>,
    mostAtOnce: Readonly<Record<DeliveryType, number>>,
    signals: LoopSignals,
    onFree: () => void = () => {},
  ) {
    this.#outbox = outbox;
    this.#mostAtOnce = mostAtOnce;
    this.#signals = signals;
    this.#onFree = onFree;
  }

  /** What is due may have no room before `onFree`. */
  get isBusy(): boolean {
    const { mail, webhook } = this.#mostAtOnce;
    return this.#sending.mail.size > mail / 2 || this.#sending.webhook.size >= webhook / 2;
  }

  /** One work on the outbox after the other: those that write crashes need the database more. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Begins to send while there is room. @returns how many were claimed */
  async fill(): Promise<number> {
    return (await this.#fillWith('mail')) + (await this.#fillWith('webhook'));
  }

  /** Sends everything that is due, and waits until it was tried. */
  async drain(): Promise<void> {
    for (;;) {
      const isIdle = this.#all().length === 0;
      const claimed = await this.fill();
      if (isIdle && claimed === 0) return;
      const sending = this.#all();
      if (sending.length > 0) await Promise.race(sending);
    }
  }

  /** Waits for what is being sent. */
  async ended(): Promise<void> {
    await Promise.all(this.#all());
  }

  #all(): Promise<void>[] {
    return [...this.#sending.mail.keys(), ...this.#sending.webhook.keys()];
  }

  async #fillWith(type: DeliveryType): Promise<number> {
    const sending = this.#sending[type];
    const most = this.#mostAtOnce[type];
    const free = most - sending.size;
    // Several at a time: each claim costs as much as the next.
    if (free < most / 2 || this.#signals.over.aborted) return 0;
    const wanted = { type, limit: free, busy: this.#busy(type) };
    const claimed = await this.inTurn(() => this.#outbox.claim(wanted));
    for (const delivery of claimed) {
      const sent = this.#send(delivery).finally(() => {
        sending.delete(sent);
        this.#onFree();
      });
      sending.set(sent, delivery.address);
    }
    return claimed.length;
  }

  /** A webhook host that hangs must not take all the room; mails all go to the one server. */
  #busy(type: DeliveryType): Set<string> {
    if (type === 'mail') return new Set();
    const addresses = [...this.#sending[type].values()];
    const isBusy = (address: string) =>
      addresses.filter((other) => other === address).length >= this.#mostAtOnce[type] / 2;
    return new Set(addresses.filter(isBusy));
  }

  async #send(delivery: Claimed): Promise<void> {
    const result = await this.#attempt(delivery);
    for (const pauseMs of [...SETTLE_AGAIN_MS, null]) {
      try {
        return await this.inTurn(() => this.#outbox.settle(delivery, result));
      } catch (error) {
        this.#outbox.onTrouble(error, 'settle');
        const { over } = this.#signals;
        if (pauseMs === null || over.aborted) return;
        await delay(pauseMs, undefined, { signal: over }).catch(() => {});
      }
    }
  }

  async #attempt(delivery: Claimed): Promise<Attempt> {
    try {
      return await this.#outbox.send(delivery, this.#signals.cut);
    } catch (error) {
      this.#outbox.onTrouble(error, 'send');
      return { outcome: 'retry', why: 'The message could not be composed.', retryAfterMs: null };
    }
  }
}
