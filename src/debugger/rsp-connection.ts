import type { Readable, Writable } from 'node:stream';
import { badPacket } from '../formats/rsp/bad-packet.ts';
import { encodePacket } from '../formats/rsp/encode-packet.ts';
import { PacketReader } from '../formats/rsp/packet-reader.ts';

type Waiting = { resolve(answer: string): void; reject(error: Error): void; timer: NodeJS.Timeout };

/**
 * Requests and answers of the GDB Remote Serial Protocol over two pipes. Answers come in the order of the requests, so
 * any number of requests can be under way. A missed deadline or a damaged answer ends the connection, because later
 * answers could not be assigned.
 */
export class RspConnection {
  /** Settles when no answer can come any more; with null when the other end closed. */
  readonly ended: Promise<Error | null>;
  readonly #output: Writable;
  readonly #reader = new PacketReader();
  readonly #waiting: Waiting[] = [];
  readonly #end = Promise.withResolvers<Error | null>();
  readonly #onNotification: (payload: string) => void;
  #acknowledges = true;
  #over: Error | null = null;
  #unsent = '';

  constructor(input: Readable, output: Writable, onNotification: (payload: string) => void) {
    this.#output = output;
    this.#onNotification = onNotification;
    this.ended = this.#end.promise;
    input.on('data', (bytes: Uint8Array) => this.#take(bytes));
    for (const event of ['end', 'close']) input.once(event, () => this.#finish(null));
    for (const stream of [input, output]) stream.on('error', (error: Error) => this.#finish(error));
  }

  /**
   * @throws CrashmonError BAD_RECORD when no answer came in time or the connection is over; the error is made here, so
   *   its stack is the caller's
   */
  request(payload: string, deadlineMs: number): Promise<string> {
    if (this.#over !== null) return Promise.reject(this.#over);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const late = badPacket(`none came within ${deadlineMs} ms`);
    const waiting: Waiting = {
      resolve,
      reject,
      // If crashmon itself was stopped meanwhile, the answer is in the pipe: read it first.
      timer: setTimeout(() => {
        setImmediate(() => {
          if (this.#waiting.includes(waiting)) this.#finish(late);
        });
      }, deadlineMs),
    };
    this.#waiting.push(waiting);
    this.#send(encodePacket(payload));
    return promise;
  }

  /** Like `request`, for what must be answered with OK. */
  async command(payload: string, deadlineMs: number): Promise<void> {
    const answer = await this.request(payload, deadlineMs);
    if (answer !== 'OK') throw badPacket(`${payload.split(/[:;]/, 1)[0]} was refused`);
  }

  async startNoAckMode(deadlineMs: number): Promise<void> {
    await this.command('QStartNoAckMode', deadlineMs);
    this.#acknowledges = false;
  }

  get isOver(): boolean {
    return this.#over !== null;
  }

  /** Ends the connection: what came over it is invalid. */
  fail(error: Error): void {
    this.#finish(error);
  }

  /** Requests made together are written together: each write is a system call and wakes gdbserver. */
  #send(text: string): void {
    if (this.#unsent === '') queueMicrotask(() => this.#flush());
    this.#unsent += text;
  }

  #flush(): void {
    this.#output.write(Buffer.from(this.#unsent, 'latin1'));
    this.#unsent = '';
  }

  #take(bytes: Uint8Array): void {
    try {
      for (const message of this.#reader.push(bytes)) {
        if (message.type === 'nak') throw badPacket('it understood nothing');
        if (message.type === 'notification') this.#onNotification(message.payload);
        if (message.type !== 'packet') continue;
        if (this.#acknowledges) this.#output.write('+');
        const first = this.#waiting.shift();
        if (first === undefined) throw badPacket('an answer without a request');
        clearTimeout(first.timer);
        first.resolve(message.payload);
      }
    } catch (error) {
      this.#finish(error as Error);
    }
  }

  #finish(error: Error | null): void {
    if (this.#over !== null) return;
    this.#over = error ?? badPacket('the debugger is gone');
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(this.#over);
    }
    this.#end.resolve(error);
  }
}
