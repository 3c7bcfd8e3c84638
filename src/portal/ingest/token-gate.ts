import { hashOfToken, tokenOfHeader } from '../access/domain/ingest-token.ts';
import { TokenBuckets } from '../http/token-buckets.ts';
import type { IngestToken, TokenStore } from '../store/access/access-store.ts';
import { Refusal, soon } from './refusal.ts';

/** Within this time, a revoked token is refused in every process of the portal. */
const REMEMBERED_MS = 3_000;
const USE_NOTED_EVERY_MS = 60_000;
const MAX_REMEMBERED = 20_000;

type Entry = { token: Promise<IngestToken | null>; untilMs: number; notedMs: number };

/** Checks ingest tokens. */
export class TokenGate {
  readonly #store: Pick<TokenStore, 'tokenBySecret' | 'noteTokenUse'>;
  readonly #now: () => number;
  readonly #wrong: TokenBuckets;
  /** By hash, least recently looked up first. */
  readonly #entries = new Map<string, Entry>();

  constructor(
    store: Pick<TokenStore, 'tokenBySecret' | 'noteTokenUse'>,
    now: () => number,
    wrongPerMinute: number,
  ) {
    this.#store = store;
    this.#now = now;
    this.#wrong = new TokenBuckets({ perSecond: wrongPerMinute / 60, burst: wrongPerMinute });
  }

  /** @throws Refusal 401 or 429; CrashmonError if the store fails */
  async enter(authorization: string | undefined, address: string): Promise<IngestToken> {
    const token = tokenOfHeader(authorization);
    if (token === null) {
      throw this.#refuse(address, 'Send the app’s ingest token: Authorization: Bearer cmt_…');
    }
    const hash = hashOfToken(token);
    const known = this.#entries.get(hash);
    const isKnown = known !== undefined && (await known.token.catch(() => null)) !== null;
    // A token that was valid before is always checked, so that senders behind one address do not block each other.
    if (!isKnown) this.#refuseFlood(address);
    const found = await this.#look(hash);
    if (found === null) throw this.#refuse(address, 'This ingest token is unknown.');
    if (found.revokedAtMs !== null) throw this.#refuse(address, 'This ingest token was revoked.');
    return found;
  }

  async #look(hash: string): Promise<IngestToken | null> {
    const nowMs = this.#now();
    let entry = this.#entries.get(hash);
    if (entry === undefined || entry.untilMs <= nowMs) {
      entry = {
        token: this.#store.tokenBySecret(hash),
        untilMs: nowMs + REMEMBERED_MS,
        notedMs: entry?.notedMs ?? 0,
      };
      this.#remember(hash, entry);
    }
    try {
      const token = await entry.token;
      if (token !== null) this.#noteUse(token, entry, nowMs);
      return token;
    } catch (error) {
      this.#entries.delete(hash);
      throw error;
    }
  }

  #remember(hash: string, entry: Entry): void {
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    if (this.#entries.size > MAX_REMEMBERED) this.#entries.delete(this.#entries.keys().next().value ?? '');
  }

  /** Shown in the settings; records do not wait for it. */
  #noteUse({ id }: IngestToken, entry: Entry, nowMs: number): void {
    if (nowMs - entry.notedMs < USE_NOTED_EVERY_MS) return;
    entry.notedMs = nowMs;
    this.#store.noteTokenUse(id, nowMs).catch(() => {
      entry.notedMs = 0;
    });
  }

  #refuseFlood(address: string): void {
    const waitMs = this.#wrong.waitMs(address, this.#now());
    if (waitMs > 0) {
      throw new Refusal(429, 'Too many wrong ingest tokens from this address.', soon(waitMs / 1000));
    }
  }

  #refuse(address: string, message: string): Refusal {
    this.#refuseFlood(address);
    this.#wrong.take(address, 1, this.#now());
    return new Refusal(401, message);
  }
}
