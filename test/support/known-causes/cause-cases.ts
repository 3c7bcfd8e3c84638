import type { CrashFacts } from '../../../src/model/crash-facts.ts';
import type { Runtime } from '../../../src/model/runtime.ts';
import { crash } from '../signature/stacks.ts';

/** Of an entry: crashes whose first known cause it is, and near misses that it says nothing about. */
export type CauseCases = { matches: CrashFacts[]; misses: CrashFacts[] };

/** An uncaught exception of a runtime; `stack` as in `stacks.ts`. */
export function thrown(runtime: Runtime, exceptionType: string, stack?: string): CrashFacts {
  const frames = stack === undefined ? {} : { stack };
  return crash({ exceptionType, runtime: { name: runtime, version: null }, ...frames });
}
