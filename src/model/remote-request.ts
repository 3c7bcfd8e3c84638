/** What an admin of the portal asks an instance for. It holds no key and no place: these are the instance's own. */
export type RemoteRequest = {
  /** 12 lower-case hexadecimal digits; also those of the session. */
  id: string;
  /** ID of the portal's account. */
  account: string;
} & ({ what: 'session'; maxDumps: number; forMs: number } | { what: 'arm' });

export const REQUESTED = ['session', 'arm'] as const;

/**
 * Why an instance did not do it. `off`: `--remote-control` is off. `no-key`: dumps of such a session are kept only encrypted, and
 * there is no `--session-key`. `not-secure`: the portal's address is not https. `running`: a session runs. `disarmed`: it is disarmed
 * or switched off there. `no-debugger`: nothing could be captured. `failed`: it could not be stored.
 */
export const REQUEST_REFUSALS = [
  'off',
  'no-key',
  'not-secure',
  'running',
  'disarmed',
  'no-debugger',
  'failed',
] as const;
export type RequestRefusal = (typeof REQUEST_REFUSALS)[number];

/** What an instance made of a request; `why` is null if it did it. */
export type RequestAnswer = { id: string; why: RequestRefusal | null };

/** In one answer, and answers to them in one record. */
export const MOST_REQUESTS = 10;
export const MOST_REQUESTED_DUMPS = 100;
export const LONGEST_REQUESTED_MS = 30 * 24 * 60 * 60_000;

const ID = /^[0-9a-f]{12}$/;
const ACCOUNT = /^[0-9A-Za-z-]{2,64}$/;

/** Reads a portal's list; what is not well-formed is left out. */
export function readRequests(value: unknown): RemoteRequest[] {
  return Array.isArray(value) ? value.slice(0, MOST_REQUESTS).flatMap((each) => readRequest(each) ?? []) : [];
}

function readRequest(value: unknown): RemoteRequest | null {
  const { id, account, what, maxDumps, forMs } = { ...(value as object) } as Record<string, unknown>;
  if (typeof id !== 'string' || !ID.test(id)) return null;
  if (typeof account !== 'string' || !ACCOUNT.test(account)) return null;
  if (what === 'arm') return { id, account, what };
  if (what !== 'session') return null;
  if (!isCount(maxDumps, MOST_REQUESTED_DUMPS) || !isCount(forMs, LONGEST_REQUESTED_MS)) return null;
  return { id, account, what, maxDumps, forMs };
}

function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

/** Wire format: `0123456789ab done`, `0123456789ab off`. */
export function answerToken({ id, why }: RequestAnswer): string {
  return `${id} ${why ?? 'done'}`;
}

/** null for anything else. */
export function parseAnswerToken(token: string): RequestAnswer | null {
  const [id = '', word, ...more] = token.split(' ');
  const why = word === 'done' ? null : REQUEST_REFUSALS.find((each) => each === word);
  return ID.test(id) && why !== undefined && more.length === 0 ? { id, why } : null;
}

/** How `crashmon run` and `crashmon agent` answer requests. */
export type RemoteControl = {
  /** The age recipient that dumps of such sessions are encrypted to; null: there is none, and no session is started. */
  recipient: string | null;
  /** The portal may have these dumps, too. */
  portalDumps?: boolean;
};
