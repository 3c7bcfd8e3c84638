import type { ObservedProgram } from '../model/observed-program.ts';
import { type CommandPlace, programOfCommand } from './observe-program.ts';

/** Of the words of a command; later ones are not looked at. */
const MAX_WORDS = 64;
/** Of a shell's script, roughly: what is quoted is taken apart as well. */
const BETWEEN_WORDS = /[\s;&|()<>"'`]+/;

/**
 * The program that a command such as `sh -c "exec perl shop.pl"` starts in the end, for a worker that was not seen: the only one of
 * a known language that its words name, else its only native program. null if none or several come into question. A
 * guess, only for comparing it with what was printed.
 */
export function programBelow(command: readonly string[], place: CommandPlace): ObservedProgram | null {
  const words = command.flatMap((arg) => arg.split(BETWEEN_WORDS).filter(Boolean)).slice(0, MAX_WORDS);
  const found = new Map<string, ObservedProgram>();
  for (const index of words.keys()) {
    const program = programOfCommand(words.slice(index), place);
    // A worker's own arguments can name it again.
    if (program !== null && !found.has(program.executable)) found.set(program.executable, program);
  }
  const programs = [...found.values()];
  // `echo` and `cat` are native programs.
  const ofLanguage = programs.filter(({ runtime }) => runtime !== 'native');
  const [first = null, ...others] = ofLanguage.length > 0 ? ofLanguage : programs;
  return others.length === 0 ? first : null;
}
