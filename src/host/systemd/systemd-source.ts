import { readJournal } from '../../agent/read-journal.ts';
import type { HostSource, ServiceStart, SourceListener } from '../source.ts';
import { SystemdBus } from './bus.ts';
import { EarliestTimer } from './earliest-timer.ts';
import { ForgottenUnits } from './forgotten-units.ts';
import { journalAccess } from './journal-access.ts';
import type { RestartedExit } from './journal-runs.ts';
import { LastOutput } from './last-output.ts';
import { endOf, LivingRuns } from './living-runs.ts';
import type { UnitEnd } from './pending-ends.ts';
import type { NextRestart, RestartAccount } from './restart-account.ts';
import { SourceMemory } from './source-memory.ts';
import type { Bus, SystemdTransport } from './systemd-transport.ts';
import { readUnitHistory } from './unit-journal.ts';
import { followUnit, NEW_UNIT, nextRestart, type UnitMemory } from './unit-runs.ts';
import { keyOf, readBootId, serviceOf } from './unit-service.ts';
import { toSnapshot, type UnitSnapshot } from './unit-snapshot.ts';
import { UnitStarts } from './unit-starts.ts';

export type SystemdOptions = {
  /** Where the source keeps how far it has read. */
  statePath: string;
  /** Address of the bus. */
  bus?: string;
  transport?: SystemdTransport;
};

const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';
const RECONNECT_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
/** After an exit the journal is read for what D-Bus may have left out. */
const JOURNAL_AFTER_MS = 60_000;
/** What could not be stored is read again. */
const REFUSED_AFTER_MS = 10_000;
/** journald is behind on a busy machine. */
const SOON_MS = 2_000;
/** A signal is lost rarely. */
const CHECK_EVERY_MS = 30_000;
/** By then the journal has what happened before. */
const LATE_MS = 30_000;

/** A unit that is being followed. */
type Followed = {
  memory: UnitMemory;
  account: RestartAccount;
  isAnnounced: boolean;
};

/** Services of this host's systemd: exits come from D-Bus at once, and from the journal if D-Bus or the agent was away. */
export class SystemdSource implements HostSource {
  readonly kind = 'systemd';
  readonly #options: SystemdOptions;
  readonly #transport: SystemdTransport;
  readonly #units = new Map<string, Followed>();
  readonly #memory: SourceMemory;
  /** Is reported together, after one save. */
  #seen: { start: ServiceStart; end: UnitEnd | null }[] = [];
  readonly #output = new LastOutput();
  readonly #bootId = readBootId();
  readonly #access = journalAccess(process.getuid?.() ?? 0);
  readonly #starts = new UnitStarts({
    ...{ bootId: this.#bootId, access: this.#access, ask: (question) => this.#ask(question) },
    memoryOf: (unit) => this.#units.get(unit)?.memory,
  });
  #listener: SourceListener | null = null;
  #bus: Bus | null = null;
  #connecting: NodeJS.Timeout | undefined;
  /** The next reading of the journal. */
  readonly #readingDue = new EarliestTimer(() => void this.#complete());
  #attempts = 0;
  /** The journal is read up to here; what it said is stored up to the cursor of `#memory`. */
  #position: string | null;
  /** One reading of the journal after the other. */
  #reading: Promise<void> = Promise.resolve();
  readonly #settling = new Set<Promise<boolean>>();
  readonly #forgotten = new ForgottenUnits(this.#units, (unit) => this.#listener?.gone(serviceOf(unit)));
  readonly #living = new LivingRuns();
  #checks: NodeJS.Timeout | undefined;
  /** Exits that were reported and could not be stored. */
  #refused = 0;
  #isEnding = false;
  #said = new Set<string>();

  constructor(options: SystemdOptions) {
    this.#options = options;
    this.#transport = options.transport ?? { connect: SystemdBus.connect, readJournal };
    this.#memory = new SourceMemory(options.statePath, this.#bootId, (message) => this.#sayOnce(message));
    this.#position = this.#memory.cursor;
  }

  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    if (this.#access !== 'all') listener.problem(NO_ACCESS);
    // Of an agent that was killed: the journal need not have them.
    for (const end of this.#memory.ends.all) this.#exited(end);
    this.#checks = setInterval(() => {
      for (const unit of this.#living.check()) void this.#learnEnd(unit);
    }, CHECK_EVERY_MS).unref();
    await this.#connect();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#connecting);
    this.#readingDue.clear();
    clearInterval(this.#checks);
    this.#bus?.close();
    this.#reportSeen();
    await this.#reading;
    await Promise.all(this.#settling);
    this.#memory.save();
    this.#listener = null;
  }

  /** Has systemd read its units again. @throws without a connection, or if it refuses */
  async reload(): Promise<void> {
    if (this.#bus === null) throw new Error('there is no connection to systemd');
    await this.#bus.reload();
  }

  async #connect(): Promise<void> {
    this.#bus?.close();
    this.#bus = null;
    this.#starts.reloaded();
    /** Until the journal is read: with it, a stop is known as one, and exits come before what runs now. */
    let early: { unit: string; apply: () => void }[] | null = [];
    const inOrder = (unit: string, apply: () => void) => {
      if (early === null) apply();
      else early.push({ unit, apply });
    };
    try {
      const bus = await this.#transport.connect(this.#options.bus ?? SYSTEM_BUS, {
        onUnit: (unit, service, properties) =>
          inOrder(unit, () => this.#see(unit, toSnapshot(service, properties))),
        onRemoved: (unit) => inOrder(unit, () => this.#forget(unit)),
        onReloaded: () => this.#starts.reloaded(),
        onLost: (why) => this.#lost(why),
      });
      this.#bus = bus;
      const readUnit = async (unit: string) => {
        const begun = early?.length ?? 0;
        const read = await bus.read(unit);
        // Then its changes are received. What the journal has of it counts already.
        if (read === null && this.#memory.accounts.isContinued) this.#follow(unit, 0);
        if (read === null) return;
        const snapshot = toSnapshot(read.service, read.unit);
        this.#follow(unit, snapshot.restarts);
        const hasChanged = early?.slice(begun).some((one) => one.unit === unit);
        if (!hasChanged) inOrder(unit, () => this.#see(unit, snapshot));
      };
      const services = await bus.services();
      await Promise.all(services.map(readUnit));
      await this.#readJournal();
      // Another connection has read what is newer.
      if (this.#bus !== bus) return;
      const waiting = early;
      early = null;
      for (const { apply } of waiting) apply();
      this.#reportSeen();
      this.#memory.accounts.sawAll(new Set(services));
      // An agent that is killed from now on leaves nothing uncounted.
      this.#memory.save();
      this.#countMissed();
      const stopped = this.#living.units.filter((unit) => !services.includes(unit));
      for (const unit of stopped) void this.#learnEnd(unit);
      this.#attempts = 0;
    } catch (error) {
      this.#lost((error as Error).message);
    }
  }

  #lost(why: string): void {
    if (this.#listener === null || this.#isEnding) return;
    this.#sayOnce(`No connection to systemd over D-Bus (${why}); it is tried again. Is dbus running?`);
    const waitMs = RECONNECT_MS[Math.min(this.#attempts++, RECONNECT_MS.length - 1)] ?? 0;
    clearTimeout(this.#connecting);
    this.#connecting = setTimeout(() => void this.#connect(), waitMs).unref();
    // What happens until there is a connection is read from here on.
    if (this.#position === null) void this.#readJournal();
  }

  #see(unit: string, snapshot: UnitSnapshot): void {
    const followed = this.#follow(unit, snapshot.restarts);
    const { memory: before, account } = followed;
    const { memory, events, isManual } = followUnit(before, snapshot);
    followed.memory = memory;
    const { restarts, startedAs } = memory;
    this.#memory.accounts.counts(unit, restarts, isManual);
    for (const event of events) {
      const start = this.#starts.of(unit, event.run);
      let end: UnitEnd | null = null;
      if (event.event === 'exited') {
        const { run, endedUs, status, asked, because } = event;
        const { invocationId, pid, startedUs } = run;
        const times = { startedAtMs: startedUs / 1000, endedAtMs: endedUs / 1000 };
        end = { unit, invocationId, bootId: this.#bootId, pid, ...times, status, asked, because };
        this.#memory.ends.add(end);
        account.exited(invocationId, asked ? null : nextRestart(startedAs, snapshot));
      }
      this.#seen.push({ start, end });
      if (this.#seen.length === 1) this.#memory.beforeSave(() => this.#reportSeen());
    }
    const grown = memory.restarts - before.restarts;
    const isUnseen = before.run !== null && !before.hasEnded && memory.run !== before.run;
    if (grown > 1 || isUnseen || (grown > 0 && before.run === null)) this.#readIn(SOON_MS);
  }

  #reportSeen(): void {
    const seen = this.#seen.splice(0);
    const ended = new Set(seen.flatMap(({ start, end }) => (end === null ? [] : start.key)));
    // Before they are recorded: they must never be counted as missed, too, and not be lost with this agent.
    if (ended.size > 0) this.#memory.save();
    for (const { start, end } of seen) {
      const followed = this.#units.get(start.service.attributes['systemd.unit'] ?? '');
      if (followed !== undefined) followed.isAnnounced = true;
      if (end !== null) this.#exited(end, start);
      else if (!ended.has(start.key)) this.#started(start);
    }
  }

  #started(start: ServiceStart): void {
    this.#living.started(start.service.attributes['systemd.unit'] ?? '', start);
    this.#listener?.started(start);
  }

  #follow(unit: string, restarts: number): Followed {
    const known = this.#units.get(unit);
    if (known !== undefined) return known;
    const account = this.#memory.accounts.open(unit, restarts);
    const followed: Followed = {
      memory: { ...NEW_UNIT, restarts: account.now },
      account,
      isAnnounced: false,
    };
    this.#units.set(unit, followed);
    return followed;
  }

  #forget(unit: string): void {
    this.#reportSeen();
    const followed = this.#units.get(unit);
    this.#units.delete(unit);
    this.#living.forget(unit);
    this.#memory.accounts.forget(unit);
    if (!this.#memory.accounts.isExplained) this.#readIn(SOON_MS);
    if (followed?.isAnnounced) this.#listener?.gone(serviceOf(unit));
  }

  /** @param start absent: it was not seen */
  #exited(end: UnitEnd, start: ServiceStart = this.#starts.ofEnd(end)): void {
    const { unit, invocationId, pid, status, asked, because, endedAtMs, startedAtMs } = end;
    this.#living.ended(unit, start.key);
    const lastWords = () => this.#output.of({ invocationId, unit, pid, startedAtMs });
    const stored = this.#listener?.exited({ start, status, asked, because, endedAtMs, lastWords });
    if (stored === undefined) return;
    const settling = stored.then((isStored) => {
      this.#settling.delete(settling);
      this.#memory.ends.settled(end, isStored);
      if (isStored) this.#forgotten.stored(invocationId);
      else this.#readAgain();
      return isStored;
    });
    this.#settling.add(settling);
    this.#readIn(JOURNAL_AFTER_MS);
  }

  async #complete(): Promise<void> {
    await this.#readJournal();
    for (const end of this.#memory.ends.takeRefused()) this.#exited(end);
    this.#countMissed();
  }

  async #readJournal(): Promise<void> {
    this.#readingDue.clear();
    this.#reading = this.#reading.then(async () => {
      const refused = this.#refused;
      const { accounts } = this.#memory;
      const history = await readUnitHistory(this.#position, this.#transport.readJournal, accounts.ended);
      const { exits, cursor, failure, isMore, isReadAgain } = history;
      if (failure !== null) {
        this.#sayOnce(
          `${failure}. Crashes are recorded without their last words; the user of crashmon needs the group systemd-journal.`,
        );
      }
      this.#reportSeen();
      for (const exit of exits) this.#exitedByJournal(exit);
      for (const quiet of history.quietEnds)
        this.#living.endedQuietly(quiet, keyOf(this.#bootId, quiet.invocationId));
      accounts.logged(history);
      if (this.#refused === refused) this.#position = cursor;
      if (isMore) this.#readIn(0);
      const settling = [...this.#settling];
      const read = new Set(isReadAgain ? [] : exits.map(({ invocationId }) => invocationId));
      void Promise.all(settling).then(() => {
        this.#keep(cursor, refused, read);
        this.#forgotten.leaveLater(exits.map(({ unit }) => unit));
      });
    });
    await this.#reading;
  }

  /** All that was reported until then is settled. @param read runs whose exit is not read again */
  #keep(cursor: string | null, refused: number, read: ReadonlySet<string>): void {
    if (this.#refused !== refused) return;
    this.#memory.cursor = cursor;
    this.#memory.accounts.read(read);
    this.#memory.save();
  }

  /** What could not be stored comes again, from this agent's reading or the next one's. */
  #readAgain(): void {
    this.#refused += 1;
    this.#position = this.#memory.cursor;
    this.#readIn(REFUSED_AFTER_MS);
  }

  #exitedByJournal(found: RestartedExit): void {
    const { unit, invocationId, bootId, asked, isRestartLogged, restartAtLeast } = found;
    const { accounts, ends } = this.#memory;
    const { run = null, startedAs = null } = this.#units.get(unit)?.memory ?? {};
    const known = run?.invocationId === invocationId ? run : null;
    let next: NextRestart = null;
    if (!asked && !isRestartLogged)
      next = known !== null && startedAs !== null ? { number: startedAs + 1 } : { atLeast: restartAtLeast };
    accounts.exited({ unit, bootId }, invocationId, next);
    // Its number is among those that the journal has.
    if (isRestartLogged) accounts.numbered(invocationId);
    if (this.#forgotten.isDone(unit, invocationId)) return;
    const { status, because, endedAtMs } = found;
    const startedAtMs = found.startedAtMs ?? (known === null ? endedAtMs : known.startedUs / 1000);
    const pid = known?.pid ?? 0;
    const end = { unit, invocationId, bootId, pid, startedAtMs, endedAtMs, status, asked, because };
    ends.add(end);
    this.#exited(end);
  }

  /** Of a run that lives as far as it is known, though its process is gone, or its unit does not run. */
  async #learnEnd(unit: string): Promise<void> {
    const key = this.#living.key(unit);
    // First: with it, a stop is known as one.
    await this.#readJournal();
    const followed = this.#units.get(unit);
    const { memory } = followed ?? {};
    const isNewer = () => this.#living.key(unit) !== key || this.#units.get(unit)?.memory !== memory;
    const read = await this.#ask((bus) => bus.read(unit));
    // It is tried again. What was received meanwhile is newer.
    if (read === null || followed === undefined || isNewer()) return;
    const snapshot = toSnapshot(read.service, read.unit);
    const { run } = followed.memory;
    if (run === null || snapshot.mainPid === run.pid) return;
    const quiet = this.#living.quietEnd(unit);
    if (quiet?.asked === true) followed.memory = { ...followed.memory, stopping: true };
    if (snapshot.execMainPid !== 0) this.#see(unit, snapshot);
    this.#reportSeen();
    if (this.#living.key(unit) !== key) return;
    // systemd has forgotten how it ended.
    if (quiet === null) this.#forget(unit);
    else this.#exited(endOf(quiet, run, this.#bootId));
  }

  #countMissed(): void {
    const { accounts } = this.#memory;
    for (const [unit, { memory }] of this.#units) accounts.counts(unit, memory.restarts, false);
    if (!accounts.review(Date.now(), LATE_MS)) this.#readIn(JOURNAL_AFTER_MS);
    // They are stored as counted before: an agent that is killed in between leaves them to the next one.
    for (const { id, unit, count } of this.#memory.takeCounted()) {
      void this.#listener?.missed(serviceOf(unit), count, id).then((isStored) => {
        if (isStored) this.#memory.missedStored(id);
        else this.#readIn(JOURNAL_AFTER_MS);
        this.#forgotten.leaveLater([unit]);
      });
    }
  }

  /** null without a connection or an answer. */
  async #ask<T>(question: (bus: Bus) => Promise<T | null>): Promise<T | null> {
    try {
      return this.#bus === null ? null : await question(this.#bus);
    } catch {
      return null;
    }
  }

  /** Reads the journal then, or sooner. */
  #readIn(waitMs: number): void {
    if (!this.#isEnding) this.#readingDue.in(waitMs);
  }

  #sayOnce(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#listener?.problem(message);
  }
}

const NO_ACCESS =
  'This user cannot read the journal: crashes of services are recorded without their last words, and those that happen while crashmon agent does not run are not seen. Add the user to the group systemd-journal, and start crashmon agent again.';
