import { join } from 'node:path';
import type { Emit } from '../agent/agent-event.ts';
import type { Clock } from '../agent/clock.ts';
import { Memory } from '../agent/memory.ts';
import { openUplink } from '../agent/uplink/open-uplink.ts';
import { listJournals } from '../journal/list-journals.ts';
import { openJournalReadOnly } from '../journal/open-journal-read-only.ts';
import { publishWorkload } from '../privacy/publish-workload.ts';
import { delay } from '../worker/delay.ts';
import type { AppSettings } from './host-settings.ts';
import { IdleJournal } from './idle-journal.ts';
import { lockSmall } from './lock-small.ts';

export type LeftoversParts = {
  stateDir: string;
  clock: Clock;
  settingsOf: (app: string) => AppSettings;
  emit: (event: Parameters<Emit>[0], app: string) => void;
  /** Does the work unless the service is followed (false); one that comes back waits for it. */
  whileGone: (serviceId: string, work: () => Promise<void>) => Promise<boolean>;
  firstMs?: number;
};

type Left = {
  app: string;
  instance: string;
  serviceId: string;
  attributes: Readonly<Record<string, string>>;
};

const FIRST_MS = 15_000;
const LONGEST_MS = 5 * 60_000;
/** The report of its last crash can come minutes after the service was gone. */
const LOOKS = 6;
/** Between two journals that are only looked at: an agent that starts has other things to do. */
const BREATH_MS = 20;

/**
 * Sends what services that are gone left unsent: a container that was removed while the portal was away has no next
 * start. Looks at all journals once, then at those that are added.
 */
export class Leftovers {
  readonly #parts: LeftoversParts;
  /** Directories, and how often each was looked at. */
  readonly #looks = new Map<string, number>();
  readonly #over = new AbortController();
  #afterMs: number;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(parts: LeftoversParts) {
    this.#parts = parts;
    this.#afterMs = parts.firstMs ?? FIRST_MS;
  }

  begin(): void {
    try {
      const sends = ({ app }: { app: string }) => this.#parts.settingsOf(app).uplink !== null;
      for (const { directory } of listJournals(this.#parts.stateDir).filter(sends)) {
        this.#looks.set(directory, LOOKS);
      }
    } catch {
      // Opening any of them says it.
    }
    this.#later(0);
  }

  /** A service is not followed any more, and this was the directory of its state. */
  add(directory: string): void {
    this.#looks.set(directory, 0);
    this.#afterMs = this.#parts.firstMs ?? FIRST_MS;
    this.#later(this.#afterMs);
  }

  async end(): Promise<void> {
    this.#over.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  #later(afterMs: number): void {
    if (this.#over.signal.aborted || this.#looks.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#round = this.#round.then(() => this.#lookAtAll());
    }, afterMs).unref();
  }

  async #lookAtAll(): Promise<void> {
    for (const directory of [...this.#looks.keys()]) {
      if (this.#over.signal.aborted) return;
      await this.#lookAt(directory);
      await delay(BREATH_MS, this.#over.signal);
    }
    this.#afterMs = Math.min(LONGEST_MS, 2 * this.#afterMs);
    this.#later(this.#afterMs);
  }

  async #lookAt(directory: string): Promise<void> {
    const looks = (this.#looks.get(directory) ?? 0) + 1;
    const left = leftIn(directory);
    const isOver =
      left === null
        ? looks >= LOOKS
        : // Who follows it sends it.
          !(await this.#parts.whileGone(left.serviceId, () => this.#send(directory, left)));
    if (isOver) this.#looks.delete(directory);
    else this.#looks.set(directory, looks);
  }

  async #send(directory: string, { app, instance, attributes }: Left): Promise<void> {
    const { settingsOf, clock, emit } = this.#parts;
    const options = { ...settingsOf(app), disabled: null, restart: 'always' as const };
    if (options.app !== app || options.uplink === null) return;
    const release = lockSmall(join(directory, 'lock.db'));
    // A `crashmon run` has it now.
    if (release === null) return;
    const toApp: Emit = (event) => emit(event, app);
    const onProblem = (message: string) => toApp({ event: 'problem', message });
    const slot = { directory, instance, release, [Symbol.dispose]: release };
    const journal = new IdleJournal(slot, app, onProblem);
    try {
      const memory = new Memory(journal, clock(), toApp);
      const workload = () => publishWorkload(new Map(Object.entries(attributes)));
      const common = { options, instance, memory, clock, directory, workload, emit: toApp };
      const uplink = await openUplink({ ...common, hasJournal: true });
      // Sends for a moment, and says nothing new.
      await uplink?.end('goes-on');
      memory.end();
    } finally {
      journal.close();
      release();
    }
  }
}

/** null: nothing waits there, or not of a service. */
function leftIn(directory: string): Left | null {
  try {
    using reader = openJournalReadOnly(directory);
    const service = reader?.settings()?.service ?? null;
    const identity = reader?.identity() ?? null;
    if (reader === null || service === null || identity === null) return null;
    if (reader.outboxTotals().records === 0) return null;
    const attributes = { ...service.attributes, 'crashmon.source': service.source };
    return { ...identity, serviceId: service.id, attributes };
  } catch {
    return null;
  }
}
