import { readFileSync } from 'node:fs';
import { readProcessStat } from '../../worker/process-info.ts';
import type { HostSource, Service, ServiceExit, ServiceStart, SourceListener } from '../source.ts';
import { SystemdBus } from './bus.ts';
import type { JournalExit, JournalRuns } from './journal-runs.ts';
import { LastOutput } from './last-output.ts';
import { missedRestarts } from './missed-restarts.ts';
import { readSourceState, type SourceState, type StoredUnit, writeSourceState } from './source-state.ts';
import { readUnitHistory } from './unit-journal.ts';
import { followUnit, NEW_UNIT, type UnitEvent, type UnitMemory, type UnitRun } from './unit-runs.ts';
import { toSnapshot, type UnitSnapshot } from './unit-snapshot.ts';

export type SystemdOptions = {
  /** Where the source keeps how far it has read. */
  statePath: string;
  /** Address of the bus. */
  bus?: string;
};

const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';
const RECONNECT_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
/** After an exit the journal is read for what D-Bus may have left out. */
const JOURNAL_AFTER_MS = 60_000;
/** journald is behind on a busy machine. */
const SOON_MS = 2_000;

/** A unit that is being followed, and how much of its NRestarts is explained. */
type Followed = {
  memory: UnitMemory;
  accounted: number;
  /** Values of NRestarts above `accounted` that follow exits that were reported. */
  explained: Set<number>;
  /** Its newest run was reported as ended, and NRestarts does not count the restart yet. */
  isWaiting: boolean;
  /** Exits that were reported and are not stored yet. */
  unsettled: number;
  isAnnounced: boolean;
};

/** Services of this host's systemd: exits come from D-Bus at once, and from the journal if D-Bus or the agent was away. */
export class SystemdSource implements HostSource {
  readonly kind = 'systemd';
  readonly #options: SystemdOptions;
  readonly #units = new Map<string, Followed>();
  readonly #output = new LastOutput();
  readonly #bootId = readBootId();
  #state: SourceState = { cursor: null, units: {} };
  #listener: SourceListener | null = null;
  #bus: SystemdBus | null = null;
  #timers = new Map<'bus' | 'journal', NodeJS.Timeout>();
  #attempts = 0;
  /** One reading of the journal after the other. */
  #reading: Promise<void> = Promise.resolve();
  readonly #settling = new Set<Promise<void>>();
  #said = new Set<string>();

  constructor(options: SystemdOptions) {
    this.#options = options;
  }

  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    this.#state = readSourceState(this.#options.statePath) ?? this.#state;
    await this.#connect();
  }

  async end(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#bus?.close();
    await this.#reading;
    await Promise.all(this.#settling);
    this.#save();
    this.#listener = null;
  }

  async #connect(): Promise<void> {
    this.#bus?.close();
    this.#bus = null;
    const changed = new Set<string>();
    try {
      const bus = await SystemdBus.connect(this.#options.bus ?? SYSTEM_BUS, {
        onUnit: (unit, service, properties) => {
          changed.add(unit);
          this.#see(unit, toSnapshot(service, properties));
        },
        onRemoved: (unit) => this.#forget(unit),
        onLost: (why) => this.#lost(why),
      });
      this.#bus = bus;
      const snapshots = await Promise.all(
        (await bus.services()).map(async (unit) => {
          const { service, unit: properties } = await bus.read(unit);
          return [unit, toSnapshot(service, properties)] as const;
        }),
      );
      for (const [unit, { restarts }] of snapshots) this.#follow(unit, restarts);
      // First, so that exits come before what runs now.
      const logged = await this.#readJournal();
      for (const [unit, snapshot] of snapshots) {
        if (!changed.has(unit)) this.#see(unit, snapshot);
      }
      this.#countMissed(logged);
      this.#attempts = 0;
    } catch (error) {
      this.#lost((error as Error).message);
    }
  }

  #lost(why: string): void {
    if (this.#listener === null) return;
    this.#sayOnce(`No connection to systemd over D-Bus (${why}); it is tried again. Is dbus running?`);
    const waitMs = RECONNECT_MS[Math.min(this.#attempts++, RECONNECT_MS.length - 1)] ?? 0;
    this.#after('bus', waitMs, () => void this.#connect());
  }

  #see(unit: string, snapshot: UnitSnapshot): void {
    const followed = this.#follow(unit, 0);
    const before = followed.memory;
    const { memory, events } = followUnit(before, snapshot);
    followed.memory = memory;
    for (const event of events) this.#report(unit, event);
    const grown = memory.restarts - before.restarts;
    const isUnseen = before.run !== null && !before.hasEnded && memory.run !== before.run;
    if (memory.restarts < followed.accounted) followed.accounted = memory.restarts;
    else if (grown === 1 && (followed.isWaiting || before.run === null)) explain(followed, memory.restarts);
    if (grown !== 0) followed.isWaiting = false;
    if (events.some(({ event }) => event === 'exited')) followed.isWaiting = true;
    if (grown > 1 || isUnseen) this.#after('journal', SOON_MS, () => void this.#complete());
  }

  #follow(unit: string, restarts: number): Followed {
    const known = this.#units.get(unit);
    if (known !== undefined) return known;
    const stored = this.#state.units[unit];
    const followed: Followed = {
      memory: { ...NEW_UNIT, restarts },
      // What happened before crashmon came is not its concern.
      accounted: stored?.restarts ?? restarts,
      isWaiting: stored?.isWaiting ?? false,
      explained: new Set(),
      unsettled: 0,
      isAnnounced: false,
    };
    this.#units.set(unit, followed);
    return followed;
  }

  #forget(unit: string): void {
    const followed = this.#units.get(unit);
    this.#units.delete(unit);
    if (followed?.isAnnounced) this.#listener?.gone(serviceOf(unit));
  }

  #report(unit: string, event: UnitEvent): void {
    const start = this.#startOf(unit, event.run);
    const followed = this.#units.get(unit);
    if (followed !== undefined) followed.isAnnounced = true;
    if (event.event === 'started') {
      this.#listener?.started(start);
      return;
    }
    const { status, asked, because, endedUs } = event;
    this.#exited({ start, status, asked, because, endedAtMs: endedUs / 1000 }, event.run.invocationId);
  }

  #exited(exit: Omit<ServiceExit, 'lastWords'>, invocationId: string): void {
    const { service, pid, startedAtMs } = exit.start;
    const unit = service.attributes['systemd.unit'] ?? '';
    const lastWords = () => this.#output.of({ invocationId, unit, pid, startedAtMs });
    const settled = this.#listener?.exited({ ...exit, lastWords });
    if (settled === undefined) return;
    const followed = this.#units.get(unit);
    if (followed !== undefined) followed.unsettled += 1;
    const settling = settled.then(() => {
      this.#settling.delete(settling);
      if (followed !== undefined) followed.unsettled -= 1;
      this.#save();
    });
    this.#settling.add(settling);
    if (!this.#timers.has('journal')) {
      this.#after('journal', JOURNAL_AFTER_MS, () => void this.#complete());
    }
  }

  async #complete(): Promise<void> {
    this.#countMissed(await this.#readJournal());
  }

  /** @returns the restarts that it has */
  async #readJournal(): Promise<JournalRuns['restarts']> {
    clearTimeout(this.#timers.get('journal'));
    this.#timers.delete('journal');
    let logged: JournalRuns['restarts'] = new Map();
    this.#reading = this.#reading.then(async () => {
      const { exits, restarts, cursor, failure } = await readUnitHistory(this.#state.cursor);
      if (failure !== null) {
        this.#sayOnce(
          `${failure}. Crashes are recorded without their last words; the user of crashmon needs the group systemd-journal.`,
        );
      }
      for (const exit of exits) this.#exitedByJournal(exit);
      logged = restarts;
      await Promise.all(this.#settling);
      this.#state.cursor = cursor;
      this.#save();
    });
    await this.#reading;
    return logged;
  }

  #exitedByJournal({ unit, invocationId, bootId, startedAtMs, ...exit }: JournalExit): void {
    const known = this.#units.get(unit)?.memory.run;
    const run = known?.invocationId === invocationId ? known : null;
    const start: ServiceStart = {
      ...this.#startOf(unit, { invocationId, pid: run?.pid ?? 0, startedUs: 0 }),
      key: keyOf(bootId, invocationId),
      startTicks: null,
      startedAtMs: startedAtMs ?? (run === null ? exit.endedAtMs : run.startedUs / 1000),
    };
    this.#exited({ ...exit, start }, invocationId);
  }

  #countMissed(logged: JournalRuns['restarts']): void {
    for (const [unit, followed] of this.#units) {
      const { memory, accounted, explained } = followed;
      const missed = missedRestarts({
        ...{ accounted, now: memory.restarts, logged: [...explained, ...(logged.get(unit) ?? [])] },
        wasWaiting: this.#state.units[unit]?.isWaiting ?? false,
        isRefused: memory.hasEnded,
      });
      followed.accounted = memory.restarts;
      explained.clear();
      if (missed > 0) this.#listener?.missed(serviceOf(unit), missed);
    }
  }

  #startOf(unit: string, { invocationId, pid, startedUs }: UnitRun): ServiceStart {
    return {
      service: serviceOf(unit),
      key: keyOf(this.#bootId, invocationId),
      pid,
      startTicks: pid === 0 ? null : (readProcessStat(pid)?.startTicks ?? null),
      startedAtMs: startedUs / 1000,
      restarts: this.#units.get(unit)?.memory.restarts ?? 0,
      command: async () => {
        try {
          return (await this.#bus?.command(unit)) ?? null;
        } catch {
          return null;
        }
      },
    };
  }

  #save(): void {
    const units = [...this.#units].map(([unit, followed]) => [unit, toStored(followed)] as const);
    this.#state.units = Object.fromEntries(units);
    try {
      writeSourceState(this.#options.statePath, this.#state);
    } catch (error) {
      this.#sayOnce(`How far the journal was read cannot be stored: ${(error as Error).message}.`);
    }
  }

  #after(what: 'bus' | 'journal', waitMs: number, then: () => void): void {
    clearTimeout(this.#timers.get(what));
    const timer = setTimeout(() => {
      this.#timers.delete(what);
      then();
    }, waitMs);
    this.#timers.set(what, timer.unref());
  }

  #sayOnce(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#listener?.problem(message);
  }
}

function explain(followed: Followed, restarts: number): void {
  const { explained } = followed;
  explained.add(restarts);
  while (explained.delete(followed.accounted + 1)) followed.accounted += 1;
}

/** If the agent is killed now, exits that are not stored are still unexplained. */
function toStored({ accounted, isWaiting, unsettled }: Followed): StoredUnit {
  const restarted = unsettled - Number(isWaiting && unsettled > 0);
  return { restarts: Math.max(0, accounted - restarted), isWaiting: isWaiting && unsettled === 0 };
}

/** `shop@2.service` is replica 2 of `shop`. */
function serviceOf(unit: string): Service {
  const [, name = unit, replica = null] = /^([^@]+)(?:@(.*))?\.service$/.exec(unit) ?? [];
  return {
    ...{ id: `systemd:${unit}`, source: 'systemd', name, replica: replica || null },
    attributes: { 'systemd.unit': unit },
  };
}

function keyOf(bootId: string, invocationId: string): string {
  return `${bootId}/${invocationId}`;
}

function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
}
