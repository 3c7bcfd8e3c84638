import type { IncomingMessage } from 'node:http';
import type { WantedDump } from '../../model/sealed-dump.ts';
import type { SentRecord } from '../../model/telemetry.ts';
import { TokenBuckets } from '../http/token-buckets.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { IngestToken, TokenStore } from '../store/access/access-store.ts';
import type { CopyStore } from '../store/copies/copy-store.ts';
import { AHEAD_MS, DAY_MS } from '../store/limits.ts';
import type { OpenRequest, RequestStore } from '../store/requests/request-store.ts';
import type { RecordStore, Stored } from '../store/write/record-store.ts';
import { Admission } from './admission.ts';
import type { PartialSuccess, Received } from './answers.ts';
import type { WireFormat } from './decode-request.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { IngestMetrics } from './ingest-metrics.ts';
import { readBody, tooLarge } from './read-body.ts';
import { RecordReader } from './record-reader.ts';
import { Refusal, soon } from './refusal.ts';
import { requestsFor, senderOf } from './requests-for.ts';
import type { SortedRecords } from './sort-records.ts';
import { TokenGate } from './token-gate.ts';

export type IngestStore = RecordStore & TokenStore & RequestStore & CopyStore;

export type LogsRequest = {
  raw: IncomingMessage;
  /** Of the sender; taken from headers only behind trusted proxies. */
  address: string;
  format: WireFormat;
};

const RECORDS_AT_ONCE = 500;
const MAX_SENTENCES = 3;
/** For a request without a length. */
const UNKNOWN_BYTES = 64 * 1024;
const GZIP_RATIO = 6;

/** Takes a request from its token to the database. What it throws is the response. */
export class LogsReceiver {
  readonly metrics: IngestMetrics;
  readonly gate: TokenGate;
  readonly admission: Admission;
  readonly #parts: PortalParts<IngestStore>;
  readonly #limits: IngestLimits;
  readonly #reader = new RecordReader();
  readonly #records: TokenBuckets;
  readonly #bytes: TokenBuckets;

  constructor(parts: PortalParts<IngestStore>, limits: IngestLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.gate = new TokenGate(parts.store, parts.now, limits.wrongTokensPerMinute);
    this.admission = new Admission(limits);
    this.#records = bucketsOf(limits.recordsPerSecond);
    this.#bytes = bucketsOf(limits.bytesPerSecond);
    this.metrics = new IngestMetrics(parts.metrics, this.admission);
  }

  /** The records are durable when it settles. @throws Refusal; CrashmonError if the store fails */
  async receive(request: LogsRequest): Promise<Received> {
    const { headers } = request.raw;
    const token = await this.gate.enter(headers.authorization, request.address);
    this.#refuseFlood(token);
    const length = Number(headers['content-length'] ?? UNKNOWN_BYTES);
    if (length > this.#limits.bodyBytes) throw tooLarge();
    const expected = headers['content-encoding'] === 'gzip' ? length * GZIP_RATIO : length;
    const lease = await this.admission.enter(token.id, Math.min(expected, this.#limits.decodedBytes));
    try {
      const body = await readBody(request.raw, headers['content-encoding'], this.#limits, lease);
      this.#bytes.take(token.id, body.length, this.#parts.now());
      return await this.#store(body, request.format, token);
    } finally {
      lease.release();
    }
  }

  async #store(body: Buffer, format: WireFormat, token: IngestToken): Promise<Received> {
    const { recordsPerRequest: records, valuesPerRequest: values } = this.#limits;
    const nowMs = this.#parts.now();
    const fromMs = nowMs - this.#parts.settings.retentionDays * DAY_MS;
    const times = { fromMs, toMs: nowMs + AHEAD_MS, nowMs };
    const bytes = body.length;
    const job = { body, format, app: token.app, times, limits: { records, values } };
    const { sorted, count } = await this.#reader.read(job);
    this.#records.take(token.id, count, nowMs);
    const [first] = sorted.refused;
    if (first?.why === 'app' && first.count === count) {
      this.metrics.refused(sorted);
      throw new Refusal(403, `${first.sentence} Nothing was stored: send with the token of that app.`);
    }
    const stored = await this.#write(sorted.sent);
    this.metrics.stored(sorted, stored, bytes);
    return {
      partial: partialSuccessOf(sorted),
      requests: requestsFor(sorted.sent, await this.#open(nowMs)),
      dumps: await this.#wanted(sorted.sent, nowMs),
    };
  }

  /** Of an instance that says which dumps it keeps. The records are stored: they are not sent again because of this. */
  async #wanted(sent: readonly SentRecord[], nowMs: number): Promise<readonly WantedDump[]> {
    const { store, settings } = this.#parts;
    const hasDumps = ({ record }: SentRecord) =>
      record.type === 'heartbeat' && (record.dumps ?? []).length > 0;
    const sender = sent.some(hasDumps) ? senderOf(sent) : null;
    if (sender === null || settings.dumpBytes === undefined) return [];
    return store.wantedCopies(sender.app, sender.instance, settings.dumpBytes, nowMs).catch(() => []);
  }

  /** The records are stored: they are not sent again because of this. */
  #open(nowMs: number): Promise<OpenRequest[]> {
    return this.#parts.store.openRequests(nowMs).catch(() => []);
  }

  /** In parts: storing ten thousand records at once would block the event loop and other senders. */
  async #write(sent: readonly SentRecord[]): Promise<Stored> {
    const total = { crashes: 0, duplicates: 0 };
    for (let from = 0; from < sent.length; from += RECORDS_AT_ONCE) {
      const part = await this.#parts.store.write(sent.slice(from, from + RECORDS_AT_ONCE));
      total.crashes += part.crashes;
      total.duplicates += part.duplicates;
    }
    return total;
  }

  #refuseFlood(token: IngestToken): void {
    const nowMs = this.#parts.now();
    const waitMs = Math.max(this.#records.waitMs(token.id, nowMs), this.#bytes.waitMs(token.id, nowMs));
    if (waitMs === 0) return;
    throw new Refusal(429, 'This token sends more than the portal accepts.', soon(waitMs / 1000));
  }
}

function bucketsOf(perSecond: number): TokenBuckets {
  return new TokenBuckets({ perSecond, burst: 10 * perSecond });
}

function partialSuccessOf({ refused, withoutMessage, ahead }: SortedRecords): PartialSuccess {
  const rejected = refused.reduce((sum, { count }) => sum + count, 0);
  if (rejected === 0 && withoutMessage === 0 && ahead.count === 0) return null;
  const often = refused.toSorted((a, b) => b.count - a.count);
  const sentences = often
    .slice(0, MAX_SENTENCES)
    .map(({ sentence, count }) => `${count} not stored: ${sentence}`);
  if (often.length > MAX_SENTENCES) sentences.push('More were not stored for other reasons.');
  if (withoutMessage > 0) {
    sentences.push(
      `${withoutMessage} stored without their exception message: the portal stores no messages.`,
    );
  }
  if (ahead.count > 0) {
    const minutes = Math.ceil(ahead.mostMs / 60_000);
    sentences.push(
      `${ahead.count} stored with a time up to ${minutes} min ahead: check the clock of the sender.`,
    );
  }
  return { rejected, message: sentences.join(' ') };
}
