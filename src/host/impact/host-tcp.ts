import type { TcpSocket } from '../../formats/procfs/tcp-table.ts';
import { delay } from '../../worker/delay.ts';
import { listeningSockets, tcpTable } from '../../worker/tcp-sockets.ts';

/** A list that took so long is not read again for so many times as long. */
const REST = 20;

/** The TCP sockets of this host, read for all services together: the kernel takes milliseconds for each list. */
export class HostTcp {
  readonly #all = new SharedRead(() => tcpTable('self'));
  readonly #listening = new SharedRead(() => listeningSockets('self'));

  /** As they are after this call, a little later while many ask; null if there are too many. */
  all(): Promise<TcpSocket[] | null> {
    return this.#all.next();
  }

  /** The same, of listening sockets only. */
  listening(): Promise<TcpSocket[]> {
    return this.#listening.next();
  }
}

class SharedRead<Value> {
  readonly #read: () => Value;
  #next: Promise<Value> | null = null;
  #notBefore = 0;

  constructor(read: () => Value) {
    this.#read = read;
  }

  next(): Promise<Value> {
    this.#next ??= this.#readLater();
    return this.#next;
  }

  async #readLater(): Promise<Value> {
    await delay(Math.max(0, this.#notBefore - performance.now()));
    this.#next = null;
    const begun = performance.now();
    const value = this.#read();
    const end = performance.now();
    this.#notBefore = end + (end - begun) * REST;
    return value;
  }
}
