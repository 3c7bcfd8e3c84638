import { readLastWords } from '../../formats/last-words/readers.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { proveDeath } from '../../policy/prove-death.ts';
import { executableOf, vouchersOf } from './vouchers.ts';

/** The report of an interruption from the keyboard, which is a stop. */
const STOPS: readonly (string | null)[] = ['KeyboardInterrupt', 'Interrupt', 'SignalException', 'SystemExit'];

/** Does this text end with a program's report of an exception? Without an exit status nothing is proven by it. */
export function endsWithReport(text: string, program: ObservedProgram, silenceMs: number | null): boolean {
  using executable = executableOf(program);
  const { runtime, pid } = program;
  const words = readLastWords(runtime, text, vouchersOf(program, executable));
  if (words === null || words.linesAfter > 0 || words.handled || STOPS.includes(words.error.type))
    return false;
  if (runtime === 'python' && !isLastLine(text, words.error.type)) return false;
  return proveDeath({ status: { type: 'unknown' }, runtime, words, pid, silenceMs }) !== null;
}

/** In Python the message comes last: what the app printed later would look like more of it. */
function isLastLine(text: string, type: string | null): boolean {
  const end = text.trimEnd();
  const line = end.slice(end.lastIndexOf('\n') + 1);
  return type !== null && line.startsWith(type) && /^(?::|$)/.test(line.slice(type.length));
}
