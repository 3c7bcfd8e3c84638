import { parseStopReply, type StopReply } from '../formats/rsp/stop-reply.ts';
import type { RspConnection } from './rsp-connection.ts';

const MOST_AT_ONCE = 32;

/**
 * Fetches stop replies in non-stop mode: `%Stop` announces the first, `vStopped` acknowledges it and asks for the next
 * until the answer is OK.
 *
 * Asking several times at once is safe: gdbserver drops a reply only after it has sent it, and an acknowledgement too
 * many takes the place of the one that answers the next `%Stop`, whose content has come with the notification.
 */
export class StopDrain {
  #expected = 0;
  readonly #connection: RspConnection;
  readonly #pid: number;
  readonly #deadlineMs: number;
  readonly #onStop: (reply: StopReply) => void;
  #draining: Promise<void> | null = null;
  #again = false;

  constructor(
    connection: RspConnection,
    pid: number,
    deadlineMs: number,
    onStop: (reply: StopReply) => void,
  ) {
    this.#connection = connection;
    this.#pid = pid;
    this.#deadlineMs = deadlineMs;
    this.#onStop = onStop;
  }

  /** How many replies are about to come: they are requested several at once. */
  expect(count: number): void {
    this.#expected = count;
  }

  /**
   * Takes a notification; others than `%Stop` are ignored.
   * @throws CrashmonError BAD_RECORD
   */
  notify(payload: string): void {
    if (!payload.startsWith('Stop:')) return;
    this.#deliver(payload.slice('Stop:'.length));
    this.#again = true;
    this.#draining ??= this.#drain();
  }

  /** Settles when all announced replies have come. */
  async idle(): Promise<void> {
    // The listener of the first one can send its request before the others are fetched.
    await Promise.resolve();
    await this.#draining;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        let last = '';
        while (last !== 'OK') {
          const answers = Array.from({ length: Math.max(1, Math.min(MOST_AT_ONCE, this.#expected)) }, () =>
            this.#ask(),
          );
          last = (await Promise.all(answers)).at(-1) ?? 'OK';
        }
      }
    } catch (error) {
      this.#connection.fail(error as Error);
    } finally {
      this.#draining = null;
    }
  }

  async #ask(): Promise<string> {
    const answer = await this.#connection.request('vStopped', this.#deadlineMs);
    if (answer !== 'OK') this.#deliver(answer);
    return answer;
  }

  #deliver(payload: string): void {
    this.#expected = Math.max(0, this.#expected - 1);
    this.#onStop(parseStopReply(payload, { pid: this.#pid, tid: this.#pid }));
  }
}
