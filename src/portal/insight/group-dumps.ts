import { exitWords } from '../../explain/exit-words.ts';
import type { DumpSummary } from '../store/read/dump-store.ts';

/** How long the page of sessions looks back. */
export const SESSION_DAYS = 15;
const DAY_MS = 86_400_000;

export const sessionsSince = (nowMs: number): number => nowMs - SESSION_DAYS * DAY_MS;

export type DumpGroup = { exit: string; dumps: DumpSummary[] };

/** Dumps by how their process ended, and heap snapshots, for which it need not have, the most frequent first; within a group in the order given. */
export function groupDumps(dumps: readonly DumpSummary[]): DumpGroup[] {
  const groups = Map.groupBy(dumps, ({ kind, status }) =>
    kind === 'heap-snapshot' ? 'Heap snapshots' : exitWords(status),
  );
  return Array.from(groups, ([exit, of]) => ({ exit, dumps: of })).toSorted(
    (one, other) => other.dumps.length - one.dumps.length || one.exit.localeCompare(other.exit, 'en'),
  );
}

/** Still on its instance, by what that said last. */
export function isKept({ deletedAtMs }: Pick<DumpSummary, 'deletedAtMs'>): boolean {
  return deletedAtMs === null;
}
