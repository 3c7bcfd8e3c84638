import { type CrashEnd, crashEndOf } from '../policy/service-capture.ts';
import type { Memory } from './memory.ts';

/** How the newest crashes of an app ended; null where none is known. */
export type NewestCrashes = {
  main: CrashEnd | null;
  /** Of a process below the main one. */
  below: CrashEnd | null;
  /** The newest of all was that of a process below the main one. */
  isBelow: boolean;
};

/** Exits that are looked through. */
const LOOKED_THROUGH = 50;

export function newestCrashes(memory: Memory): NewestCrashes {
  const exits = memory.read((journal) => journal.exits({ limit: LOOKED_THROUGH })) ?? [];
  const crashes = exits.filter(({ verdict }) => verdict.counted);
  const newest = (isMain: boolean): CrashEnd | null => {
    const found = crashes.find(({ process }) => (process.role === 'main') === isMain);
    return found === undefined ? null : crashEndOf(found.status);
  };
  const [first] = crashes;
  return {
    main: newest(true),
    below: newest(false),
    isBelow: first !== undefined && first.process.role !== 'main',
  };
}
