/** A request that is answered with an error of OTLP; nothing of it is stored. */
export class Refusal extends Error {
  readonly status: RefusalStatus;
  /** Seconds after which it is worth trying again; null where it is not. */
  readonly retryAfterS: number | null;

  constructor(status: RefusalStatus, message: string, retryAfterS: number | null = null) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** HTTP status, each with the code of `google.rpc.Status` that means the same. */
export const RPC_CODES = {
  400: 3,
  401: 16,
  403: 7,
  405: 12,
  408: 4,
  413: 8,
  415: 12,
  429: 8,
  500: 13,
  503: 14,
} as const;
export type RefusalStatus = keyof typeof RPC_CODES;

/** Whole seconds, anything in between: a crowd that was refused comes back one after the other. */
export function between(fromS: number, toS: number, random: () => number = Math.random): number {
  return Math.round(fromS + random() * (toS - fromS));
}

/** Senders that were refused together shall not come back together. */
export function soon(fromS: number, random: () => number = Math.random): number {
  return Math.ceil(fromS + random() * 2 * fromS);
}
