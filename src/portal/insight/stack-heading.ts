import { faultWords } from '../../explain/fault-words.ts';
import type { CrashDetail } from '../store/portal-store.ts';
import { exceptionCode } from './exception-code.ts';

/** What stands over a call stack: `TypeError (exit code 1)`, `SIGSEGV: access to a null pointer`. */
export function stackHeading(crash: CrashDetail): string {
  const fault = crash.report?.fault ?? null;
  const code = exceptionCode(crash);
  if (fault === null) return code;
  const words = faultWords(fault, crash.report?.exceptionType ?? null);
  return code.startsWith(words) ? code : `${code}: ${words}`;
}
