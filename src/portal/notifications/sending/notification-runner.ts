import { DeliveryLoop, type Outbox } from '../../../notify/delivery-loop.ts';
import type { Attempt } from '../../../notify/retry.ts';
import type { PortalLog } from '../../portal-parts.ts';
import type { ClaimedDelivery, NotificationStore } from '../../store/notifications/notification-store.ts';
import { type SendingParts, sendClaimed } from './send-claimed.ts';

/** Each is a connection; a mail server that hangs must not delay webhooks. */
const MOST_AT_ONCE = { mail: 6, webhook: 4 } as const;
/** Other processes of the portal may have stored something; with SQLite there is none. */
const POLL_MS = { citus: 5_000, postgres: 5_000, sqlite: 60_000 } as const;
const AFTER_TROUBLE_MS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;
const COUNT_EVERY_MS = 30_000;
/** For attempts that run when the portal ends; the rest is sent again after its lease. */
const DRAIN_MS = 8_000;

/**
 * Does what is due: ends episodes, makes digests, and sends what waits in the outbox. Several processes can each run one
 * with the same database. Woken by what this process stores, by the clock, and every few seconds for what others stored.
 */
export class NotificationRunner implements AsyncDisposable {
  readonly #parts: SendingParts;
  readonly #log: Pick<PortalLog, 'warn'>;
  readonly #notifications: NotificationStore;
  readonly #over = new AbortController();
  readonly #cut = new AbortController();
  readonly #deliveries: DeliveryLoop<ClaimedDelivery>;
  #prunedMs = Number.NEGATIVE_INFINITY;
  #countedMs = Number.NEGATIVE_INFINITY;
  #counts = { waiting: 0, dead: 0 };
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
    const signals = { over: this.#over.signal, cut: this.#cut.signal };
    this.#deliveries = new DeliveryLoop(outboxOf(parts, log), MOST_AT_ONCE, signals, () => this.#ring());
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
    await this.#deliveries.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#unlisten();
    this.#ring();
    const cut = setTimeout(() => this.#cut.abort(), DRAIN_MS);
    await this.#loop;
    await this.#deliveries.ended();
    clearTimeout(cut);
  }

  async #run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      let waitMs: number;
      try {
        if (this.#isPassing) await this.#passTime();
        await this.#deliveries.fill();
        waitMs = await this.#untilNext();
        await this.#lookAround();
      } catch (error) {
        this.#log.warn({ err: error }, 'what is due could not be sent; retrying');
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
    while ((await this.#deliveries.inTurn(() => this.#notifications.passTime(nowMs))) && !signal.aborted);
    while ((await this.#deliveries.inTurn(() => this.#notifications.makeDigests(nowMs))) && !signal.aborted);
  }

  async #untilNext(): Promise<number> {
    if (this.#deliveries.isBusy) return POLL_MS.postgres;
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

function outboxOf(parts: SendingParts, log: Pick<PortalLog, 'warn'>): Outbox<ClaimedDelivery> {
  const { store, now, onAttempt } = parts;
  return {
    claim: (wanted) => store.notifications.claim(wanted, now()),
    async send(delivery, signal) {
      let outcome: Attempt['outcome'] = 'retry';
      try {
        const result = await sendClaimed(delivery, parts, signal);
        ({ outcome } = result);
        return result;
      } finally {
        onAttempt?.(delivery.type, outcome);
      }
    },
    settle: (delivery, result) => store.notifications.settle(delivery, result, now()),
    onTrouble(error, doing) {
      const what =
        doing === 'send' ? 'could not be composed; retrying' : 'could not be settled; it may be sent again';
      log.warn({ err: error }, `a notification ${what}`);
    },
  };
}
