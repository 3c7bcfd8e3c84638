import type { CrashFacts } from '../model/crash-facts.ts';
import { causeWords } from './cause-words.ts';

/**
 * What happened, in one sentence without a full stop: `shop crashed: uncaught TypeError`. It contains the app's names
 * unescaped: the caller escapes them.
 */
export function headline(app: string, facts: CrashFacts): string {
  return `${app} ${predicate(facts)}`;
}

function predicate(facts: CrashFacts): string {
  const { kind, frames, status, source } = facts;
  switch (kind) {
    case 'out-of-memory':
      return `ran ${causeWords(facts)}`;
    case 'oom-kill':
      return 'was killed by the kernel (OOM kill)';
    case 'exit': {
      // Frames of a capture are those of process.exit.
      const isDeliberate = frames.length > 0 && source !== 'last-words' && source !== 'system-core';
      const exited = `exited${isDeliberate ? ' deliberately' : ''}`;
      return status.type === 'code' ? `${exited} with code ${status.code}` : exited;
    }
    default:
      return `crashed: ${causeWords(facts)}`;
  }
}
