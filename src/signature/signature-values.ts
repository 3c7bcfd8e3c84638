import type { CrashFacts } from '../model/crash-facts.ts';
import { normalSpelling } from './normal-spelling.ts';
import { signatureOf } from './signature.ts';
import { chooseFrames } from './v1/choose-frames.ts';

/**
 * The values of a captured crash, by which its group is found: those of its capture, then those of what its runtime
 * printed. A crash that was not captured has only the latter, so both are in one group although a capture has more: the
 * class of an error that prints another name, the type of a value that is no error.
 *
 * @param printed null if the runtime printed nothing that can be read. Words that say less about the place than the
 * capture join nothing: they would join different causes.
 */
export function valuesOfCapture(captured: CrashFacts, printed: CrashFacts | null): string[] {
  const { values } = signatureOf(captured);
  const precision = printed === null ? 0 : precisionOf(printed);
  if (printed === null || precision === 0 || precision < precisionOf(captured)) return values;
  return [...new Set([...values, ...signatureOf(printed).values])];
}

/** 0: how it ended; 1: also a type or a file; 2: functions; 3: functions of the app. */
function precisionOf(facts: CrashFacts): 0 | 1 | 2 | 3 {
  const { frames } = chooseFrames(normalSpelling(facts).facts.frames, facts.kind);
  const named = frames.filter(({ name }) => name !== null);
  if (named.some(({ origin }) => origin === 'app')) return 3;
  if (named.length > 0) return 2;
  return frames.length > 0 || facts.exceptionType !== null ? 1 : 0;
}
