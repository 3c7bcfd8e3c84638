import type { Database } from '../database/database.ts';
import type { OpenRequest } from './request-store.ts';
import { readOpenRequests } from './requests.ts';

/** Another process of the portal can have added one. */
const REMEMBERED_MS = 1_000;

/** Those that wait, of all apps: there are few, and each request of ingest asks for them. */
export class OpenRequests {
  readonly #database: Database;
  #open: Promise<OpenRequest[]> = Promise.resolve([]);
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(database: Database) {
    this.#database = database;
  }

  read(nowMs: number): Promise<OpenRequest[]> {
    if (Math.abs(nowMs - this.#readMs) <= REMEMBERED_MS) return this.#open;
    this.#readMs = nowMs;
    this.#open = readOpenRequests(this.#database, nowMs);
    // Who asks hears of it.
    this.#open.catch(() => this.forget());
    return this.#open;
  }

  /** One was added. */
  forget(): void {
    this.#readMs = Number.NEGATIVE_INFINITY;
  }
}
