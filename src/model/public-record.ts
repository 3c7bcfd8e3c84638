import type { TelemetryRecord } from './telemetry.ts';

declare const madeByPublishing: unique symbol;

/**
 * A record that may leave the instance. Because of its brand, only `privacy/` can make one. The outbox and the uplink
 * accept nothing else, so they cannot receive private data.
 */
export type PublicRecord = TelemetryRecord & { readonly [madeByPublishing]: true };

/** Records for the outbox, with the version of the app. */
export type Outgoing = { version: string | null; records: readonly PublicRecord[] };
