import { causePhrase, thrownWords } from '../../explain/cause-words.ts';
import { type CrashFacts, factsOf } from '../../model/crash-facts.ts';
import type { NotifiedCrash } from '../notification.ts';
import { oneLine } from './one-line.ts';

export function crashFacts({ crashKind, exitStatus, ...crash }: NotifiedCrash): CrashFacts {
  return factsOf({ ...crash, kind: crashKind, status: exitStatus ?? { type: 'unknown' } });
}

/** Follows `because of`: `an uncaught TypeError`. */
export function causeOf(crash: NotifiedCrash): string {
  return oneLine(causePhrase(crashFacts(crash)), 100);
}

/** `TypeError`, `Error ECONNREFUSED`; null if nothing is known of the exception. */
export function exceptionOf(exception: Pick<NotifiedCrash, 'exceptionType' | 'code'>): string | null {
  const words = thrownWords(exception);
  return words === null ? null : oneLine(words, 80);
}
