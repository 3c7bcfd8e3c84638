import { CrashmonError, type ErrorCode } from '../../model/crashmon-error.ts';

/** What a failed request is answered with; the sentence is fit for people and holds nothing of what they sent. */
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
  400: 'This request is not understood',
  401: 'Sign in first',
  403: 'You may not do this',
  404: 'There is no such page',
  405: 'This cannot be done here',
  413: 'This is too much at once',
  415: 'This kind of content is not understood',
  429: 'Too many requests',
  500: 'Something went wrong in the portal',
  503: 'The portal cannot answer right now',
};

const SENTENCES: Record<number, string> = {
  400: 'Something in the address or in the form is missing or wrong. Go back and try again.',
  401: 'Sign in, then open the page again.',
  403: 'Your account has not the role for it. Ask an administrator of the app.',
  404: 'Nothing is stored under this address. It may have been removed with its retention.',
  413: 'What was sent is larger than the portal takes.',
  415: 'Send it as a form or as JSON.',
  429: 'Wait a minute, then try again.',
  500: 'It was noted in the log of the portal. Try again; tell its operator if it happens again.',
  503: 'Its database cannot be reached or written. Nothing that agents send is lost: they keep it and try again.',
};

/** Of anything that was thrown while a request was handled. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof CrashmonError) {
    const status = STATUS[error.code] ?? 500;
    // What the database said is for the log.
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
  return TITLES[status] ?? (status < 500 ? 'This request cannot be answered' : 'Something went wrong');
}

function sentenceOf(status: number): string {
  return SENTENCES[status] ?? 'Try again, or go back to the start.';
}
