const MIB = 1024 * 1024;

/** What one sender, and all together, may ask of the portal at once. */
export type IngestLimits = {
  /** Of a request's body, as sent and after decompression. */
  bodyBytes: number;
  decodedBytes: number;
  recordsPerRequest: number;
  /** Lists, objects and fields of a request: what a parser builds, and its memory, grow with them. */
  valuesPerRequest: number;
  /** Of each token: what it may send for long; ten times as much at once. */
  recordsPerSecond: number;
  bytesPerSecond: number;
  /** Of all tokens; further requests wait in line, each with some 25 KB of its connection. One token has half at most. */
  bytesInFlight: number;
  requestsInFlight: number;
  waitingRequests: number;
  waitMs: number;
  /** How long a body may take to come; `hurried` where another request waits for its room. */
  bodyMs: { calm: number; hurried: number };
  /** Refused tokens an address may show in a minute. */
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
