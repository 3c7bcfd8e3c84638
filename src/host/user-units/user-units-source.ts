import { readFileSync } from 'node:fs';
import { delay } from '../../worker/delay.ts';
import { isAlive } from '../../worker/process-info.ts';
import type { HostSource, Service, ServiceStart, SourceListener } from '../source.ts';
import { startedAtMs } from '../started-at.ts';
import type { UnitEntry } from '../systemd/journal-entry.ts';
import type { JournalExit } from '../systemd/journal-runs.ts';
import { LastOutput } from '../systemd/last-output.ts';
import { readSourceState, writeSourceState } from '../systemd/source-state.ts';
import { readUnitHistory } from '../systemd/unit-journal.ts';
import { findUserUnits, type UserUnit, usersWithManager } from './find-user-units.ts';
import { type FollowedJournal, followUserJournal } from './user-journal.ts';
import { UserRuns } from './user-runs.ts';

export type UserUnitsOptions = {
  /** Where the source keeps how far it has read. */
  statePath: string;
  /** Of crashmon: root sees the units of all users. */
  uid: number;
};

/** Users sign in and out. */
const USERS_EVERY_MS = 10_000;
const AGAIN_MS = 2_000;
/** From what the manager logs until the process has executed its program. */
const FIND_MS = [0, 20, 50, 100, 200, 500];

/**
 * Services of users' managers (`systemctl --user`). Another user's bus refuses root, so their starts and exits come from
 * the journal, within half a second, whether the agent was there or not; main processes are found by their cgroup.
 */
export class UserUnitsSource implements HostSource {
  readonly kind = 'systemd-user';
  readonly #options: UserUnitsOptions;
  readonly #output = new LastOutput();
  readonly #bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
  readonly #over = new AbortController();
  readonly #running = new Map<string, UserUnit>();
  /** Of these: those that have ended, as was seen once. */
  readonly #ended = new WeakSet<UserUnit>();
  #users: readonly number[] = [];
  #cursor: string | null = null;
  #runs = new UserRuns();
  #journal: FollowedJournal | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Exits that were reported and are not stored yet. */
  #unsettled = 0;
  #isRefused = false;
  #said = new Set<string>();
  #listener: SourceListener | null = null;

  constructor(options: UserUnitsOptions) {
    this.#options = options;
  }

  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    this.#cursor = readSourceState(this.#options.statePath)?.cursor ?? null;
    // What happened before crashmon came is not its concern; all after it is.
    if (this.#cursor === null) this.#save((await readUnitHistory(null)).cursor);
    this.#poll();
    this.#timer = setInterval(() => this.#poll(), USERS_EVERY_MS).unref();
  }

  async end(): Promise<void> {
    this.#listener = null;
    this.#over.abort();
    clearInterval(this.#timer);
    this.#journal?.stop();
    await this.#journal?.ended;
  }

  #poll(): void {
    const { uid } = this.#options;
    const before = this.#users;
    this.#users = usersWithManager(uid === 0 ? null : uid);
    for (const [id, run] of this.#running) {
      if (this.#users.includes(run.uid)) this.#check(run);
      else {
        this.#running.delete(id);
        this.#listener?.gone(serviceOf(run.uid, run.unit));
      }
    }
    if (this.#users.length > 0 && this.#journal === null) void this.#follow();
    for (const user of this.#users) {
      if (before.includes(user)) continue;
      for (const unit of findUserUnits(user)) this.#started(unit);
    }
  }

  /** A user's manager logs nothing of a run that ends well. */
  #check(run: UserUnit): void {
    if (isAlive(run.pid, run.startTicks)) return;
    // Other ends are logged by now.
    if (!this.#ended.delete(run)) this.#ended.add(run);
    else
      this.#exited(run.uid, {
        ...{ unit: run.unit, invocationId: run.invocationId, bootId: this.#bootId, startedAtMs: null },
        ...{ endedAtMs: Date.now(), status: { type: 'unknown' }, asked: false, because: 'success' },
      });
  }

  async #follow(): Promise<void> {
    while (!this.#over.signal.aborted) {
      // What was read before is read again.
      this.#runs = new UserRuns();
      this.#isRefused = false;
      this.#journal = followUserJournal(this.#cursor, (entry) => this.#read(entry));
      const why = await this.#journal.ended;
      if (why !== null)
        this.#sayOnce(`${why}; it is tried again. Exits of users' services come from the journal.`);
      if (!(await delay(AGAIN_MS, this.#over.signal))) return;
    }
  }

  #read(entry: UnitEntry): void {
    const runs = this.#runs;
    const event = runs.add(entry);
    if (event?.event === 'started') void this.#find(event.uid, event.unit, event.invocationId);
    if (event?.event === 'exited') this.#exited(event.uid, event);
    if (runs.isComplete && this.#unsettled === 0) this.#save(entry.cursor);
  }

  /** What was logged as started, if it still runs. */
  async #find(uid: number, unit: string, invocationId: string): Promise<void> {
    for (const waitMs of FIND_MS) {
      if (!(await delay(waitMs, this.#over.signal))) return;
      const found = findUserUnits(uid, unit).find((one) => one.invocationId === invocationId);
      if (found !== undefined) return this.#started(found);
    }
  }

  #started(found: UserUnit): void {
    const { uid, unit, invocationId } = found;
    const { id } = serviceOf(uid, unit);
    if (this.#listener === null || this.#running.get(id)?.invocationId === invocationId) return;
    this.#running.set(id, found);
    this.#listener.started(this.#startOf(found));
  }

  #startOf({ uid, unit, invocationId, pid, startTicks }: UserUnit): ServiceStart {
    return {
      service: serviceOf(uid, unit),
      key: `${this.#bootId}/${invocationId}`,
      ...{ pid, startTicks, startedAtMs: startedAtMs(startTicks) },
    };
  }

  #exited(uid: number, { unit, invocationId, bootId, startedAtMs: startedMs, ...exit }: JournalExit): void {
    const service = serviceOf(uid, unit);
    const running = this.#running.get(service.id);
    const run = running?.invocationId === invocationId ? running : null;
    if (run !== null) this.#running.delete(service.id);
    const start: ServiceStart =
      run !== null
        ? this.#startOf(run)
        : {
            ...{ service, key: `${bootId}/${invocationId}`, pid: 0, startTicks: null },
            startedAtMs: startedMs ?? exit.endedAtMs,
          };
    const lastWords = () =>
      this.#output.of({ invocationId, unit, pid: 0, startedAtMs: start.startedAtMs, isLogged: true });
    const stored = this.#listener?.exited({ ...exit, start, lastWords });
    if (stored === undefined) return;
    this.#unsettled += 1;
    void stored.then((isStored) => {
      this.#unsettled -= 1;
      // It is read again by the next agent.
      this.#isRefused ||= !isStored;
    });
  }

  #save(cursor: string | null): void {
    if (this.#isRefused || cursor === null) return;
    this.#cursor = cursor;
    try {
      writeSourceState(this.#options.statePath, { cursor, accounts: null, ends: [], missed: [] });
    } catch (error) {
      this.#sayOnce(`How far the journal was read cannot be stored: ${(error as Error).message}.`);
    }
  }

  #sayOnce(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#listener?.problem(message);
  }
}

/** `shop@2.service` is replica 2 of `shop`. The same unit of two users is two services. */
function serviceOf(uid: number, unit: string): Service {
  const [, name = unit, replica = null] = /^([^@]+)(?:@(.*))?\.service$/.exec(unit) ?? [];
  return {
    ...{ id: `systemd-user:${uid}:${unit}`, source: 'systemd-user', name, replica: replica || null },
    attributes: { 'systemd.unit': unit },
  };
}
