import { parseRetryAfter } from '../formats/retry-after.ts';
import { type RemoteRequest, readRequests } from '../model/remote-request.ts';
import { readWanted, type WantedDump } from '../model/sealed-dump.ts';

/** The result of one request. */
export type Answer =
  /** Stored, except for `rejected` records, which must not be sent again. */
  | {
      outcome: 'taken';
      rejected: number;
      note: string | null;
      /** How far this clock is ahead of the receiver's `Date`; negative: behind. null: about equal. */
      clockAheadMs: number | null;
      /** What a portal asks for; another receiver asks for nothing. */
      requests: readonly RemoteRequest[];
      /** Encrypted dumps that a portal takes. */
      dumps: readonly WantedDump[];
    }
  /** Something in it is invalid: it will never be accepted. */
  | { outcome: 'refused'; message: string }
  /** To be sent again; `message` is a sentence with the next step. */
  | { outcome: 'later'; retryAfterMs: number | null; message: string };

export type HttpAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** null: too long. */
  body: string | null;
};

const MAX_NOTE = 200;
/** A request takes up to ten seconds; synchronized clocks differ by less. */
const CLOCKS_DIFFER_MS = 60_000;
/** Statuses that concern the address or the token, not the records. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'it rejected the token: check it, or create a new one in the portal',
  403: 'the token is not allowed to send for this app: check it, or create a new one in the portal',
  404: 'it accepts no records at this address: check it',
  405: 'it accepts no records at this address: check it',
  407: 'a proxy requires credentials: check the address',
  408: 'it timed out; retrying',
  421: 'it does not serve this host name: check the address',
  429: 'too many requests; retrying later',
};

/** Judges a response by OTLP/HTTP. Of its text, only a short note of a partial success is kept. */
export function judgeAnswer({ status, headers, body }: HttpAnswer, nowMs: number): Answer {
  if (status >= 200 && status < 300) return judgeSuccess(headers, body, nowMs);
  const retryAfterMs = parseRetryAfter(first(headers['retry-after']), nowMs);
  const later = (why: string): Answer => ({
    outcome: 'later',
    retryAfterMs,
    message: `The receiver responded with ${status}: ${why}.`,
  });
  if (status < 400) {
    return later('crashmon does not follow redirects: give the final address');
  }
  const advice = ADVICE[status];
  if (advice !== undefined) return later(advice);
  if (status >= 500) return later('it failed; retrying');
  return { outcome: 'refused', message: `The receiver responded with ${status}: it rejected the records.` };
}

function judgeSuccess(headers: HttpAnswer['headers'], body: string | null, nowMs: number): Answer {
  const clockAheadMs = clockAhead(first(headers.date), nowMs);
  const taken = { outcome: 'taken', rejected: 0, note: null, clockAheadMs, requests: [], dumps: [] } as const;
  if (body === '') return taken;
  // Some always respond in protobuf, which adds nothing to the status.
  if (/protobuf/.test(first(headers['content-type']) ?? '')) return taken;
  const json = body === null ? null : parseObject(body);
  if (json === null) {
    const message = 'The response is not from a receiver of OpenTelemetry logs: check the address.';
    return { outcome: 'later', retryAfterMs: null, message };
  }
  const partial = asObject(json.partialSuccess) ?? {};
  const rejected = Number(partial.rejectedLogRecords ?? 0);
  return {
    outcome: 'taken',
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    note: noteOf(partial.errorMessage),
    clockAheadMs,
    requests: readRequests(json.crashmonRequests),
    dumps: readWanted(json.crashmonDumps),
  };
}

function clockAhead(date: string | undefined, nowMs: number): number | null {
  const aheadMs = nowMs - Date.parse(date ?? '');
  return Math.abs(aheadMs) > CLOCKS_DIFFER_MS ? aheadMs : null;
}

function noteOf(message: unknown): string | null {
  if (typeof message !== 'string' || message === '') return null;
  return message
    .replaceAll(/\p{C}+/gu, ' ')
    .slice(0, MAX_NOTE)
    .toWellFormed();
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
