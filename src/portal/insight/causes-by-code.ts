import { causeLabel } from '../../explain/cause-label.ts';
import { knownCauses } from '../../explain/known-causes/known-causes.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { CauseCount } from '../store/read/timeline-store.ts';

export type CodeCount = {
  code: string;
  crashes: number;
  kind: CrashKind;
  /** Known cause; null if the code alone does not prove one. */
  known: string | null;
};

/** Crashes counted by cause and exit, most frequent first. */
export function causesByCode(causes: readonly CauseCount[]): CodeCount[] {
  const counts = new Map<string, CodeCount>();
  for (const cause of causes) {
    const code = causeLabel(cause);
    const count = counts.get(code);
    if (count !== undefined) count.crashes += cause.crashes;
    else {
      const [known] = knownCauses({ ...cause, fault: null, frames: [] });
      counts.set(code, { code, crashes: cause.crashes, kind: cause.kind, known: known?.title ?? null });
    }
  }
  return [...counts.values()].toSorted((a, b) => b.crashes - a.crashes);
}
