import { nameOf } from '../plan/ways.ts';
import type { CrashmonLife, Span } from './judge-app.ts';

/** `crashmon agent` ends by a signal of the run, normally when it is asked to, or by itself where its disk is in trouble. */
export function judgeAgent(
  lives: readonly CrashmonLife[],
  stops: readonly Span[],
  unstorable: readonly Span[],
): string[] {
  return lives.flatMap(({ fromS, toS, ending }) => {
    if (ending === null || toS === null) return [];
    const end = nameOf(ending);
    const isIn = (span: Span) => span.fromS <= toS && span.toS >= fromS;
    if (end === 'SIGKILL') return [];
    // Before it handles signals, one ends it.
    if (stops.some(isIn) && (end === 'exit 0' || end === 'SIGTERM')) return [];
    if (unstorable.some(isIn) && end.startsWith('exit ')) return [];
    return [`agent: ended by ${end} at ${toS}`];
  });
}
