import { exitReasonWords } from '../../explain/exit-reason-words.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import { elapsedMs } from '../../policy/elapsed.ts';
import { isoTime } from '../render/times.ts';
import type { OpenJournal } from './open-journals.ts';

/** An exit with its journal. */
export type StoredCrash = StoredExit & { journal: OpenJournal };

/** Exits of several journals, newest first; a clock change never reorders those of one journal. */
export function newestExits(journals: readonly OpenJournal[], limit: number): StoredCrash[] {
  const queues = journals.map((journal) =>
    // Reversed, so that taking the newest is cheap.
    inOrderOfTheirEnd(journal.reader.exits({ limit }))
      .map((exit) => ({ ...exit, journal }))
      .reverse(),
  );
  const merged: StoredCrash[] = [];
  while (merged.length < limit) {
    const heads = queues.flatMap((queue) =>
      queue.length === 0 ? [] : [{ queue, ms: queue.at(-1)?.diedAt.wallMs ?? 0 }],
    );
    const newest = heads.sort((one, other) => other.ms - one.ms)[0]?.queue.pop();
    if (newest === undefined) break;
    merged.push(newest);
  }
  return merged;
}

/** An exit can be recorded after a later one, whose words were read faster. @param exits the newest first */
function inOrderOfTheirEnd(exits: readonly StoredExit[]): StoredExit[] {
  const ofBoots = [...Map.groupBy(exits, ({ diedAt }) => diedAt.bootId).values()];
  return ofBoots.flatMap((boot) =>
    boot.sort((one, other) => other.diedAt.monotonicMs - one.diedAt.monotonicMs),
  );
}

export function uptimeMs({ startedAt, diedAt }: StoredExit): number {
  return elapsedMs(startedAt, diedAt);
}

/** The contract of `crashes --json`. */
export function crashToJson(crash: StoredCrash): object {
  const { status } = crash;
  return {
    id: crash.id,
    app: crash.journal.app,
    instance: crash.journal.instance,
    startedAt: isoTime(crash.startedAt.wallMs),
    diedAt: isoTime(crash.diedAt.wallMs),
    uptimeMs: uptimeMs(crash),
    exit: {
      code: status.type === 'code' ? status.code : null,
      signal: status.type === 'signal' ? status.signal : null,
    },
    process: crash.process,
    replacedAfterMs: crash.replacedAfterMs,
    impact: crash.impact,
    counted: crash.verdict.counted,
    reason: exitReasonWords(crash.verdict.reason, status),
    reasonCode: crash.verdict.reason.code,
    crashesInWindow: crash.crashesInWindow,
    // Set only when the report can be read.
    captured: crash.reported,
  };
}
