import type { DbusCall } from '../../formats/dbus/message.ts';
import { Turnstile } from '../turnstile.ts';
import type { BusConnection } from './bus-connection.ts';

/** dbus-daemon refuses calls when 128 of a connection wait for replies (max_replies_per_connection of dbus-daemon(1)). */
const AT_ONCE = 32;
const ANSWER_MS = 20_000;

/** The calls of one connection: sent in order, few at once, each with a deadline from the moment that it is sent. */
export class BusCalls {
  readonly #bus: Pick<BusConnection, 'call'>;
  readonly #turnstile = new Turnstile(AT_ONCE);
  #over: Error | null = null;

  constructor(bus: Pick<BusConnection, 'call'>) {
    this.#bus = bus;
  }

  /** @returns the body of the answer @throws if it is an error, there is none in time, or the connection is over */
  async call(call: DbusCall): Promise<readonly unknown[]> {
    return this.#turnstile.pass(() => this.#send(call));
  }

  /** The connection is over: later calls fail, too. */
  end(why: string): void {
    this.#over ??= new Error(why);
  }

  async #send(call: DbusCall): Promise<readonly unknown[]> {
    if (this.#over !== null) throw this.#over;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no answer to ${call.member}`)), ANSWER_MS);
    try {
      return await Promise.race([this.#bus.call(call), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
