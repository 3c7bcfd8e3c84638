import type { Counter, Histogram, Metrics } from '../metrics.ts';
import type { Stored } from '../store/write/record-store.ts';
import type { Admission } from './admission.ts';
import type { SortedRecords } from './sort-records.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of `POST /v1/logs`. */
export class IngestMetrics {
  readonly #records: Counter;
  readonly #crashes: Counter;
  readonly #refusedRecords: Counter;
  readonly #refusedRequests: Counter;
  readonly #messages: Counter;
  readonly #bytes: Counter;
  readonly #seconds: Histogram;

  constructor(metrics: Metrics, admission: Admission) {
    const name = (what: string) => `crashmon_portal_ingest_${what}`;
    this.#records = metrics.counter(name('records_total'), 'Records accepted');
    this.#crashes = metrics.counter(name('crashes_total'), 'Crashes accepted, new ones and duplicates');
    this.#refusedRecords = metrics.counter(name('refused_records_total'), 'Records refused, by reason');
    this.#refusedRequests = metrics.counter(name('refused_requests_total'), 'Requests refused, by status');
    this.#messages = metrics.counter(name('messages_dropped_total'), 'Records that arrived with a message');
    this.#bytes = metrics.counter(name('bytes_total'), 'Bytes of stored requests, decompressed');
    this.#seconds = metrics.histogram(name('seconds'), 'From the head of a request to its response', SECONDS);
    metrics.gauge(name('bytes_in_flight'), 'Bytes of requests in progress', () => admission.bytes);
    metrics.gauge(name('requests_in_flight'), 'Requests in progress', () => admission.requests);
    metrics.gauge(name('requests_waiting'), 'Requests in the queue', () => admission.waiting);
  }

  stored(sorted: SortedRecords, { crashes, duplicates }: Stored, bytes: number): void {
    this.#records.add(sorted.taken);
    this.#crashes.add(crashes, { outcome: 'new' });
    this.#crashes.add(duplicates, { outcome: 'duplicate' });
    this.#bytes.add(bytes);
    if (sorted.withoutMessage > 0) this.#messages.add(sorted.withoutMessage);
    this.refused(sorted);
  }

  refused({ refused }: Pick<SortedRecords, 'refused'>): void {
    for (const { why, count } of refused) this.#refusedRecords.add(count, { reason: why });
  }

  refusedRequest(status: number): void {
    this.#refusedRequests.add(1, { status: `${status}` });
  }

  took(ms: number): void {
    this.#seconds.observe(ms / 1000);
  }
}
