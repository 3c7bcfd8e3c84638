import { CrashmonError, type ErrorCode } from '../../model/crashmon-error.ts';

/** What a failed request is answered with; the sentence contains nothing of what was sent. */
export type ErrorAnswer = { status: number; code: ErrorCode | null; title: string; sentence: string };

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  BAD_OPTION: 400,
  BAD_RECORD: 400,
  NOT_ALLOWED: 403,
  NO_SUCH_APP: 404,
  NO_SUCH_CRASH: 404,
  NO_SUCH_ACCOUNT: 404,
  NO_REPORT: 404,
  DATABASE_UNUSABLE: 503,
};

const TITLES: Record<number, string> = {
  400: 'Invalid request',
  401: 'Sign in required',
  403: 'Not allowed',
  404: 'Page not found',
  405: 'Method not allowed',
  413: 'Request too large',
  415: 'Unsupported content type',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Portal temporarily unavailable',
};

const SENTENCES: Record<number, string> = {
  400: 'A field of the address or the form is missing or invalid. Go back and try again.',
  401: 'Sign in, then open the page again.',
  403: 'Your account does not have the required role. Ask an admin of the app.',
  404: 'Nothing is stored under this address. It may have been deleted after the retention period.',
  413: 'The request is larger than the portal accepts.',
  415: 'Send it as a form or as JSON.',
  429: 'Wait a minute, then try again.',
  500: 'The error is in the log of the portal. Try again, and contact the operator if it happens again.',
  503: 'The database cannot be reached or written. Nothing is lost: agents store their data and send it again.',
};

/** Of anything that was thrown while a request was handled. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof CrashmonError) {
    const status = STATUS[error.code] ?? 500;
    // Messages of the database go to the log only.
    const sentence = status >= 500 ? sentenceOf(status) : error.message;
    return { status, code: error.code, title: titleOf(status), sentence };
  }
  const given = (error as { statusCode?: unknown } | null)?.statusCode;
  const status = typeof given === 'number' && given >= 400 && given <= 599 ? given : 500;
  return { status, code: null, title: titleOf(status), sentence: sentenceOf(status) };
}

export function noSuchPage(): ErrorAnswer {
  return { status: 404, code: null, title: titleOf(404), sentence: sentenceOf(404) };
}

function titleOf(status: number): string {
  return TITLES[status] ?? (status < 500 ? 'Request failed' : 'Internal error');
}

function sentenceOf(status: number): string {
  return SENTENCES[status] ?? 'Try again, or go back to Apps.';
}
