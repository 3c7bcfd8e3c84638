import type { LastWordsReader } from '../../../model/last-words.ts';
import { readAbort } from './abort-words.ts';
import { readSanitizer, readUndefinedBehavior } from './sanitizer.ts';

/** What sanitizers, glibc and the runtimes of C++ say of a death, whichever comes last. */
export const readNative: LastWordsReader = (lines, vouchers) => {
  const sanitizer = readSanitizer(lines, vouchers) ?? readUndefinedBehavior(lines, vouchers);
  const abort = readAbort(lines, vouchers);
  if (sanitizer === null || abort === null) return sanitizer ?? abort;
  return abort.from > sanitizer.from ? abort : sanitizer;
};
