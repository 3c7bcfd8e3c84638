import type { JournalSettings } from '../journal/documents.ts';

/** What makes an app this app: the name that the operator gave it, or the directory that it lives in. */
export type AppClaim = Pick<JournalSettings, 'appRoot' | 'place' | 'named' | 'commandHash'>;

/**
 * What a slot of this app's name and instance is to this app: its own (with the same command, or with another one),
 * nobody's, another app's, or its own with a worker in it that cannot surely be replaced.
 */
export type SlotClaim = 'same-command' | 'same-app' | 'free' | 'other-app' | 'left-running';

/** What is known of a slot: null where nothing was stored in it yet. */
export type SlotFacts = {
  stored: AppClaim | null;
  /** Does its app's directory exist no longer? */
  gone: boolean;
  /** Hashes of the commands of workers that an earlier crashmon started and that still run. */
  running: readonly string[];
};

/**
 * An orphan is surely this app's if it runs the same command in the same directory, or if the operator gave both the
 * same name. A slot whose app has no directory any more goes to the next app of that name: it moved, or is gone.
 */
export function claimOn({ stored, gone, running }: SlotFacts, mine: AppClaim): SlotClaim {
  if (stored === null) return 'free';
  if (!isSameApp(stored, mine)) {
    // Older journals do not say whether the name was given: with --name it is taken to be, unless a worker
    // is at stake.
    const adoptable = gone || (stored.named === undefined && mine.named === true);
    return adoptable && running.length === 0 ? 'free' : 'other-app';
  }
  const replaceable = mine.named === true || running.every((hash) => hash === mine.commandHash);
  if (!replaceable) return 'left-running';
  return stored.commandHash === mine.commandHash ? 'same-command' : 'same-app';
}

function isSameApp(stored: AppClaim, mine: AppClaim): boolean {
  if (stored.appRoot === mine.appRoot) return true;
  if (stored.named === true && mine.named === true) return true;
  // `current`, a link that each deploy turns to another directory.
  return mine.place !== undefined && stored.place === mine.place;
}
