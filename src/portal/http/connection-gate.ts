import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type GateBounds = {
  /** New connections in hand at once. */
  atOnce: number;
  /** One in hand for longer makes room for the next: it may be slow, or silent, or long on purpose. */
  silentMs: number;
  busyMs: number;
  /** Who waited for so long is told to come again; agents give up after ten seconds. */
  waitMs: number;
};

export const GATE_BOUNDS: GateBounds = { atOnce: 200, silentMs: 1_000, busyMs: 5_000, waitMs: 7_000 };

const SWEEP_MS = 250;
const FAREWELL_MS = 2_000;

/**
 * Lets new connections in as fast as the first request of each is answered, in the order in which they came. Of those
 * that wait nothing is read, so that ten thousand agents that come back at once cost little more than their sockets.
 */
export class ConnectionGate implements Disposable {
  readonly #bounds: GateBounds;
  readonly #isSecure: boolean;
  readonly #serve: (socket: Socket) => void;
  /** In hand, with when they were let in and whether they asked for something yet. */
  readonly #inHand = new Map<Socket, { sinceMs: number; hasAsked: boolean }>();
  readonly #line = new Map<Socket, number>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(server: Server, isSecure: boolean, bounds: GateBounds = GATE_BOUNDS) {
    this.#bounds = bounds;
    this.#isSecure = isSecure;
    const listeners = server.listeners('connection');
    server.removeAllListeners('connection');
    this.#serve = (socket) => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket]);
      socket.resume();
    };
    // What `net.createServer` takes as an option of that name, which http does not pass on.
    Object.assign(server, { pauseOnConnect: true });
    server.on('connection', (socket: Socket) => this.#arrive(socket));
    server.prependListener('request', (request, response) => this.#noteRequest(request, response));
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Those that wait are closed. */
  [Symbol.dispose](): void {
    clearInterval(this.#sweeper);
    for (const socket of this.#line.keys()) socket.destroy();
    this.#line.clear();
  }

  #arrive(socket: Socket): void {
    if (this.#line.size === 0 && this.#inHand.size < this.#bounds.atOnce) this.#letIn(socket);
    else this.#line.set(socket, performance.now());
  }

  #letIn(socket: Socket): void {
    this.#inHand.set(socket, { sinceMs: performance.now(), hasAsked: false });
    socket.once('close', () => this.#done(socket));
    this.#serve(socket);
  }

  #noteRequest({ socket }: IncomingMessage, response: ServerResponse): void {
    const raw = (socket as Socket & { _parent?: Socket })._parent ?? socket;
    const entry = this.#inHand.get(raw);
    if (entry === undefined) return;
    entry.hasAsked = true;
    response.once('close', () => this.#done(raw));
  }

  #done(socket: Socket): void {
    if (this.#inHand.delete(socket)) this.#letNextIn();
  }

  #letNextIn(): void {
    for (const socket of this.#line.keys()) {
      if (this.#inHand.size >= this.#bounds.atOnce) return;
      this.#line.delete(socket);
      if (!socket.destroyed) this.#letIn(socket);
    }
  }

  #sweep(): void {
    const nowMs = performance.now();
    const { silentMs, busyMs, waitMs } = this.#bounds;
    if (this.#line.size > 0) {
      for (const [socket, { sinceMs, hasAsked }] of this.#inHand) {
        if (nowMs - sinceMs > (hasAsked ? busyMs : silentMs)) this.#inHand.delete(socket);
      }
    }
    for (const [socket, sinceMs] of this.#line) {
      if (nowMs - sinceMs <= waitMs) break;
      this.#line.delete(socket);
      this.#sendAway(socket);
    }
    this.#letNextIn();
  }

  /** Without having read what was asked; a crowd that is sent away comes back one after the other. */
  #sendAway(socket: Socket): void {
    if (this.#isSecure) {
      socket.destroy();
      return;
    }
    const seconds = Math.round(2 + Math.random() * 28);
    socket.on('error', () => {});
    socket.end(
      `HTTP/1.1 503 Service Unavailable\r\nretry-after: ${seconds}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
    // Not at once: what closes with something unread is reset, and the answer may not be read yet.
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  }
}
