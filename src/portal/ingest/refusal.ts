/** The request gets an OTLP error, and nothing of it is stored. */
export class Refusal extends Error {
  readonly status: RefusalStatus;
  /** Seconds until a retry; null if a retry is useless. */
  readonly retryAfterS: number | null;

  constructor(status: RefusalStatus, message: string, retryAfterS: number | null = null) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** HTTP statuses with the equivalent code of `google.rpc.Status`. */
export const RPC_CODES = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 12,
  429: 8,
  500: 13,
  503: 14,
} as const;
export type RefusalStatus = keyof typeof RPC_CODES;

/** Random whole seconds, so that refused senders do not all return at once. */
export function between(fromS: number, toS: number, random: () => number = Math.random): number {
  return Math.round(fromS + random() * (toS - fromS));
}

/** Random, so that refused senders do not all return at once. */
export function soon(fromS: number, random: () => number = Math.random): number {
  return Math.ceil(fromS + random() * 2 * fromS);
}
