const MIB = 1024 * 1024;

/** Limits per sender and for all senders together. */
export type IngestLimits = {
  /** Size of a body, as sent and after decompression. */
  bodyBytes: number;
  decodedBytes: number;
  recordsPerRequest: number;
  /** Lists, objects and fields of a request; the parser's memory grows with them. */
  valuesPerRequest: number;
  /** Sustained rate per token; ten times as much at once. */
  recordsPerSecond: number;
  bytesPerSecond: number;
  /** Of all tokens; one token has at most half. Further requests wait in a queue, about 25 KB each for the connection. */
  bytesInFlight: number;
  requestsInFlight: number;
  waitingRequests: number;
  waitMs: number;
  /** Time for a body to arrive; `hurried` while another request waits for its room. */
  bodyMs: { calm: number; hurried: number };
  /** Refused tokens per address and minute. */
  wrongTokensPerMinute: number;
};

export const INGEST_LIMITS: IngestLimits = {
  bodyBytes: 4 * MIB,
  decodedBytes: 8 * MIB,
  recordsPerRequest: 10_000,
  valuesPerRequest: 800_000,
  recordsPerSecond: 20_000,
  bytesPerSecond: 64 * MIB,
  bytesInFlight: 24 * MIB,
  requestsInFlight: 400,
  waitingRequests: 1_000,
  waitMs: 15_000,
  bodyMs: { calm: 10_000, hurried: 2_000 },
  wrongTokensPerMinute: 60,
};
