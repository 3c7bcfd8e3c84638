import { CrashmonError } from '../../../model/crashmon-error.ts';

/** @throws CrashmonError BAD_REQUEST where no app can have the name; `*` stands for every app */
export function requireAppName(app: string): void {
  // Of dots alone a name has no page: browsers take it for a directory.
  if (!['*', '.', '..'].includes(app) && app.trim() === app && /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(app)) return;
  throw new CrashmonError('BAD_REQUEST', 'Invalid app name: expected 1–200 characters, and not *, . or ..');
}
