import type { JournalSettings } from '../journal/documents.ts';

/** Identity of an app: the name that the operator gave it, or its directory; of a service that another supervisor runs, its ID. */
export type AppClaim = Pick<JournalSettings, 'appRoot' | 'place' | 'named' | 'commandHash'> & {
  service?: { id: string } | null;
};

/**
 * Whose a slot of this app's name and instance is: this app's (with the same command, or with another one), free,
 * another app's, or this app's with a running worker that cannot safely be replaced.
 */
export type SlotClaim = 'same-command' | 'same-app' | 'free' | 'other-app' | 'left-running';

/** What is known of a slot: null if nothing was stored in it yet. */
export type SlotFacts = {
  stored: AppClaim | null;
  /** Does its app's directory exist no longer? */
  gone: boolean;
  /** Hashes of the commands of workers that an earlier crashmon started and that still run. */
  running: readonly string[];
};

/**
 * An orphan certainly belongs to this app if it runs the same command in the same directory, or if the operator gave
 * both the same name. A slot whose app has no directory any more goes to the next app of that name: it moved, or is
 * gone.
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
  // Two users, or a user and the host, can have a service of one name. What `crashmon run` stored is carried along.
  if (stored.service && mine.service) return stored.service.id === mine.service.id;
  if (stored.appRoot === mine.appRoot) return true;
  if (stored.named === true && mine.named === true) return true;
  // `current`, a link that each deploy turns to another directory.
  return mine.place !== undefined && stored.place === mine.place;
}
