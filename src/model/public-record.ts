import type { TelemetryRecord } from './telemetry.ts';

declare const madeByPublishing: unique symbol;

/**
 * A record that may leave the instance. Its brand makes `privacy/` the only place where one can be made, so that the
 * outbox and the uplink, which accept nothing else, cannot be given anything private.
 */
export type PublicRecord = TelemetryRecord & { readonly [madeByPublishing]: true };

/** Records for the outbox, with the version of the app that they are about. */
export type Outgoing = { version: string | null; records: readonly PublicRecord[] };
