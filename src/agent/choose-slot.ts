import { existsSync } from 'node:fs';
import { openJournalReadOnly } from '../journal/open-journal-read-only.ts';
import { acquireSlot, type LockFile, type Slot } from '../journal/slot.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { Run } from '../model/run.ts';
import type { SlotReason } from './agent-event.ts';
import type { AgentOptions } from './agent-options.ts';
import { type AppClaim, claimOn, type SlotClaim, type SlotFacts } from './slot-claim.ts';
import { findWorkerOf } from './worker-of-run.ts';

/** A journal that another process holds must not delay the worker. */
const BUSY_TIMEOUT_MS = 250;

const FIT: Record<SlotClaim, number> = {
  'same-command': 3,
  'same-app': 2,
  free: 1,
  'other-app': 0,
  'left-running': 0,
};

type SlotOptions = Pick<AgentOptions, 'stateDir' | 'app' | 'instance' | 'appRoot' | 'named' | 'place'> & {
  service?: { id: string };
};

export type ChosenSlot = {
  slot: Slot;
  /** Why it is not the first of its name, null if it is. */
  notFirst: SlotReason | null;
};

/**
 * The slot of this app, else the next free one: two apps can have one name.
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function chooseSlot(
  options: SlotOptions,
  commandHash: string,
  bootId: string,
  lockFile?: LockFile,
): ChosenSlot {
  const { stateDir, app, instance, appRoot, named, place, service } = options;
  if (stateDir === null) {
    const message = 'There is no home directory to keep state in: give --state-dir or set HOME.';
    throw new CrashmonError('STATE_DIR_UNUSABLE', message);
  }
  const mine: AppClaim = {
    ...{ appRoot, named, commandHash },
    ...(place === undefined ? {} : { place }),
    ...(service === undefined ? {} : { service }),
  };
  const reasons: SlotReason[] = [];
  const fitOf = (directory: string): number => {
    const { facts, pid } = factsOf(directory, bootId);
    const claim = claimOn(facts, mine);
    if (claim === 'other-app' && facts.stored !== null) {
      reasons.push({ type: 'other-app', directory: facts.stored.appRoot });
    }
    if (claim === 'left-running' && pid !== null) reasons.push({ type: 'left-running', pid });
    return FIT[claim];
  };
  const slot = acquireSlot(stateDir, app, instance, fitOf, lockFile);
  const notFirst = slot.instance === instance ? null : (reasons[0] ?? { type: 'monitored' });
  return { slot, notFirst };
}

function factsOf(directory: string, bootId: string): { facts: SlotFacts; pid: number | null } {
  const nothing: { facts: SlotFacts; pid: null } = {
    facts: { stored: null, gone: false, running: [] },
    pid: null,
  };
  try {
    using reader = openJournalReadOnly(directory, { busyTimeoutMs: BUSY_TIMEOUT_MS });
    const stored = reader?.settings() ?? null;
    if (reader === null || stored === null) return nothing;
    const running = reader.openRuns().flatMap((run: Run) => {
      const worker = findWorkerOf(run, bootId);
      return worker === null ? [] : [{ hash: run.commandHash, pid: worker.pid }];
    });
    return {
      facts: {
        stored,
        gone: !existsSync(stored.appRoot),
        running: running.map(({ hash }) => hash),
      },
      pid: running.at(-1)?.pid ?? null,
    };
  } catch {
    // Damaged, held or of a newer crashmon: opening it for writing reports that.
    return nothing;
  }
}
