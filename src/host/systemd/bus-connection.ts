import { connect, type Socket } from 'node:net';
import {
  type DbusCall,
  type DbusMessage,
  MAX_MESSAGE_BYTES,
  MESSAGE_TYPES,
  messageLength,
  PRELUDE_BYTES,
  readMessage,
  writeCall,
} from '../../formats/dbus/message.ts';

export type BusConnectionListener = {
  onSignal: (message: DbusMessage) => void;
  /** Once; nothing comes afterwards. */
  onLost: (why: string) => void;
};

const LINE_END = Buffer.from('\r\n');
const MAX_LINE = 1_000;

/**
 * A connection to a message bus at a Unix socket (D-Bus Specification, "Authentication Protocol": EXTERNAL). A crash loop
 * makes hundreds of signals a second, of some kilobytes each: of their bodies only what is wanted is read.
 */
export class BusConnection {
  readonly #socket: Socket;
  readonly #listener: BusConnectionListener;
  /** By the serials of the calls. */
  readonly #answers = new Map<
    number,
    { resolve: (body: unknown[]) => void; reject: (error: Error) => void }
  >();
  /** Calls until then. */
  readonly #early: Buffer[] = [];
  #received: Buffer[] = [];
  #receivedBytes = 0;
  /** So many bytes are worth looking at. */
  #neededBytes = 1;
  #isAuthenticated = false;
  #serial = 0;
  #isOver = false;

  /** @param address `unix:path=…` or `unix:abstract=…` @throws for another address */
  constructor(address: string, listener: BusConnectionListener) {
    this.#listener = listener;
    this.#socket = connect(socketPath(address));
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('error', (error) => this.#lose(error.message));
    this.#socket.on('close', () => this.#lose('the connection was closed'));
    const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
    this.#socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  }

  /** Calls can be made at once: they are sent in order, after the first one, `Hello`. @throws if the answer is an error */
  call(call: DbusCall): Promise<unknown[]> {
    const serial = ++this.#serial;
    return new Promise((resolve, reject) => {
      if (this.#isOver) {
        reject(new Error('the connection is closed'));
        return;
      }
      this.#answers.set(serial, { resolve, reject });
      const bytes = writeCall(call, serial);
      if (this.#isAuthenticated) this.#socket.write(bytes);
      else this.#early.push(bytes);
    });
  }

  close(): void {
    this.#isOver = true;
    for (const { reject } of this.#answers.values()) reject(new Error('the connection is closed'));
    this.#answers.clear();
    this.#socket.destroy();
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onLost(why);
  }

  #receive(bytes: Buffer): void {
    this.#received.push(bytes);
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes < this.#neededBytes) return;
    let rest = this.#received.length === 1 ? bytes : Buffer.concat(this.#received);
    if (!this.#isAuthenticated) rest = this.#authenticate(rest);
    if (this.#isAuthenticated) rest = this.#takeMessages(rest);
    this.#received = rest.length === 0 ? [] : [rest];
    this.#receivedBytes = rest.length;
  }

  /** @returns what comes after its line */
  #authenticate(bytes: Buffer): Buffer {
    const end = bytes.indexOf(LINE_END);
    if (end === -1 && bytes.length < MAX_LINE) return bytes;
    const line = bytes.toString('latin1', 0, Math.max(0, end));
    if (!line.startsWith('OK ')) {
      this.#lose('the bus refuses this user');
      return Buffer.alloc(0);
    }
    this.#isAuthenticated = true;
    this.#socket.write(Buffer.concat([Buffer.from('BEGIN\r\n'), ...this.#early.splice(0)]));
    return bytes.subarray(end + LINE_END.length);
  }

  /** @returns the beginning of one that is not there yet */
  #takeMessages(bytes: Buffer): Buffer {
    let rest = bytes;
    for (;;) {
      this.#neededBytes = PRELUDE_BYTES;
      if (this.#isOver || rest.length < PRELUDE_BYTES) return rest;
      const length = messageLength(rest);
      if (length > MAX_MESSAGE_BYTES) {
        this.#lose('a message is too long');
        return Buffer.alloc(0);
      }
      this.#neededBytes = length;
      if (rest.length < length) return rest;
      this.#take(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  }

  #take(bytes: Buffer): void {
    const message = readOrNull(bytes);
    if (message === null) return;
    const { type, replySerial, errorName } = message;
    if (type === MESSAGE_TYPES.signal) this.#listener.onSignal(message);
    const answer = this.#answers.get(replySerial);
    if (answer === undefined || (type !== MESSAGE_TYPES.answer && type !== MESSAGE_TYPES.error)) return;
    this.#answers.delete(replySerial);
    try {
      const body = message.body();
      if (type === MESSAGE_TYPES.answer) answer.resolve(body);
      else answer.reject(new Error(typeof body[0] === 'string' ? body[0] : errorName));
    } catch (error) {
      answer.reject(error as Error);
    }
  }
}

function readOrNull(bytes: Buffer): DbusMessage | null {
  try {
    return readMessage(bytes);
  } catch {
    // The bus has checked it, so it is of a kind that is not known here.
    return null;
  }
}

function socketPath(address: string): string {
  const [, kind, value = ''] = /^unix:(path|abstract)=([^,;]+)/.exec(address) ?? [];
  if (kind === undefined) throw new Error(`${address} is no address of a Unix socket`);
  const path = decodeURIComponent(value);
  return kind === 'abstract' ? `\0${path}` : path;
}
