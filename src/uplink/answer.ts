import { parseRetryAfter } from '../formats/retry-after.ts';

/** What became of one request. */
export type Answer =
  /** Stored; of the records `rejected` were not, and are not to be sent again. */
  | {
      outcome: 'taken';
      rejected: number;
      note: string | null;
      /** How far this machine's clock is ahead of the receiver's, as its `Date` says; negative: behind. null: about equal. */
      clockAheadMs: number | null;
    }
  /** Something in it is at fault: it will never be taken as it is. */
  | { outcome: 'refused'; message: string }
  /** To be sent again; `message` is one sentence with the next step. */
  | { outcome: 'later'; retryAfterMs: number | null; message: string };

export type HttpAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** null: it was longer than is read of one. */
  body: string | null;
};

const MAX_NOTE = 200;
/** A request takes up to ten seconds, and clocks that are kept differ by less. */
const CLOCKS_DIFFER_MS = 60_000;
/** Answers that are about the address or the token, and say nothing of the records. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'the token was not taken: check it, or make a new one in the portal',
  403: 'the token may not send for this app: check it, or make a new one in the portal',
  404: 'nothing takes records at this address: check it',
  405: 'nothing takes records at this address: check it',
  407: 'a proxy in between asks for credentials: check the address',
  408: 'it gave up waiting: it is asked again',
  421: 'it does not answer for this host name: check the address',
  429: 'it asks to send less: it is asked again later',
};

/** Judges a receiver's answer by OTLP/HTTP. Nothing of its text but a short note of a partial success is kept. */
export function judgeAnswer({ status, headers, body }: HttpAnswer, nowMs: number): Answer {
  if (status >= 200 && status < 300) return judgeSuccess(headers, body, nowMs);
  const retryAfterMs = parseRetryAfter(first(headers['retry-after']), nowMs);
  const later = (why: string): Answer => ({
    outcome: 'later',
    retryAfterMs,
    message: `It answers ${status}: ${why}.`,
  });
  if (status < 400) {
    return later('it sends on to another address, which is not followed: give the final address');
  }
  const advice = ADVICE[status];
  if (advice !== undefined) return later(advice);
  if (status >= 500) return later('it has trouble of its own, and is asked again');
  return { outcome: 'refused', message: `It answers ${status}: it refuses what it was sent.` };
}

function judgeSuccess(headers: HttpAnswer['headers'], body: string | null, nowMs: number): Answer {
  const clockAheadMs = clockAhead(first(headers.date), nowMs);
  const taken = { outcome: 'taken', rejected: 0, note: null, clockAheadMs } as const;
  if (body === '') return taken;
  // Some answer in protobuf whatever they were sent: it says no more than the status.
  if (/protobuf/.test(first(headers['content-type']) ?? '')) return taken;
  const json = body === null ? null : parseObject(body);
  if (json === null) {
    const message = 'It answers, but not as a receiver of OpenTelemetry logs: check the address.';
    return { outcome: 'later', retryAfterMs: null, message };
  }
  const partial = asObject(json.partialSuccess) ?? {};
  const rejected = Number(partial.rejectedLogRecords ?? 0);
  return {
    outcome: 'taken',
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    note: noteOf(partial.errorMessage),
    clockAheadMs,
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
