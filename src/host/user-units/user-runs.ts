import type { UnitEntry } from '../systemd/journal-entry.ts';
import { type JournalExit, JournalReading } from '../systemd/journal-runs.ts';

/** What an entry of a user's manager says about a run. */
export type UserUnitEvent =
  | { event: 'started'; uid: number; unit: string; invocationId: string; atMs: number }
  | ({ event: 'exited'; uid: number } & JournalExit);

/** Runs of which a part was read; of more, the oldest are dropped. */
const MAX_RUNS = 5_000;

/** Starts and ends of users' units from entries of the journal, one after the other. Pure; bounded. */
export class UserRuns {
  readonly #runs = new Map<string, JournalReading>();
  /** Runs that are being stopped, or have ended and the result is not logged yet. */
  readonly #open = new Set<string>();

  /** Nothing was read of which the end is still to come: what was read need not be read again. */
  get isComplete(): boolean {
    return this.#open.size === 0;
  }

  add(entry: UnitEntry): UserUnitEvent | null {
    const { what, unit, invocationId, bootId, atMs, fields } = entry;
    const uid = Number(fields._UID);
    // A user can only forge entries of that user's own units.
    const key = `${uid}/${invocationId}`;
    const reading = this.#runs.get(key) ?? new JournalReading();
    reading.add(entry);
    switch (what) {
      case 'started':
        this.#keep(key, reading);
        return { event: 'started', uid, unit, invocationId, atMs };
      case 'stopping':
      case 'exited':
        this.#keep(key, reading);
        this.#open.add(key);
        return null;
      case 'failed':
      case 'succeeded':
      case 'stopped': {
        this.#runs.delete(key);
        const asked = this.#open.delete(key);
        const [exit] = reading.result().exits;
        if (exit !== undefined) return { event: 'exited', uid, ...exit };
        // Of a run that is over, or of none: a restart is logged as a stop, too.
        if (!asked) return null;
        const base = { unit, invocationId, bootId, startedAtMs: null, endedAtMs: atMs };
        return { event: 'exited', uid, ...base, status: { type: 'unknown' }, asked, because: null };
      }
      case 'restarting':
        return null;
    }
  }

  #keep(key: string, reading: JournalReading): void {
    this.#runs.set(key, reading);
    const oldest = this.#runs.size > MAX_RUNS ? this.#runs.keys().next().value : undefined;
    if (oldest === undefined) return;
    this.#runs.delete(oldest);
    this.#open.delete(oldest);
  }
}
