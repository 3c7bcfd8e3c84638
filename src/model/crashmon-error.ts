/**
 * Every error that crashmon throws deliberately. `code` is stable and listed in `docs/errors.md`; the message says what
 * to do and can change.
 */
export class CrashmonError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CrashmonError';
    this.code = code;
  }
}

export const ERROR_CODES = [
  'BAD_OPTION',
  'COMMAND_NOT_FOUND',
  'NO_SUCH_APP',
  'NO_SUCH_CRASH',
  'NO_REPORT',
  'STATE_DIR_UNUSABLE',
  'JOURNAL_DAMAGED',
  'JOURNAL_TOO_NEW',
  'BAD_RECORD',
  'SOURCE_MAP_DAMAGED',
  'DUMP_STORE_UNUSABLE',
  'DUMP_UNREADABLE',
  'DEMO_FAILED',
  'PORTAL_UNUSABLE',
  'DATABASE_UNUSABLE',
  'DATABASE_TOO_NEW',
  'BAD_REQUEST',
  'NOT_ALLOWED',
  'NO_SUCH_ACCOUNT',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
