import { knownCauses } from '../../explain/known-causes/known-causes.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { CauseCount } from '../store/portal-store.ts';
import { exceptionCode } from './exception-code.ts';

export type CodeCount = {
  code: string;
  crashes: number;
  kind: CrashKind;
  /** What is known of it by the code alone; null where that is not proof. */
  known: string | null;
};

/** How often crashes ended how; what people cannot tell apart is one, the most frequent first. */
export function causesByCode(causes: readonly CauseCount[]): CodeCount[] {
  const counts = new Map<string, CodeCount>();
  for (const cause of causes) {
    const code = exceptionCode(cause);
    const count = counts.get(code);
    if (count !== undefined) count.crashes += cause.crashes;
    else {
      const [known] = knownCauses({ ...cause, fault: null, frames: [] });
      counts.set(code, { code, crashes: cause.crashes, kind: cause.kind, known: known?.title ?? null });
    }
  }
  return [...counts.values()].toSorted((a, b) => b.crashes - a.crashes);
}
