import type { UplinkState } from '../../journal/documents.ts';
import type { Impact } from '../../model/impact.ts';
import type { Instant } from '../../model/instant.ts';
import { type NoCapture, noCaptureToken } from '../../model/no-capture.ts';
import type { PolicyState } from '../../model/policy.ts';
import type { Outgoing, PublicRecord } from '../../model/public-record.ts';
import type { RemoteRequest } from '../../model/remote-request.ts';
import type { EndedRun, Run } from '../../model/run.ts';
import type { TelemetryRecord } from '../../model/telemetry.ts';
import type { PublicWorkload } from '../../model/workload.ts';
import { elapsedMs } from '../../policy/elapsed.ts';
import { type MonitorStateAnswer, monitorState } from '../../policy/monitor-state.ts';
import type { Sessions } from '../../privacy/public-sessions.ts';
import { crashUid, publishCrash, timeDigits } from '../../privacy/publish-crash.ts';
import { publishRecord } from '../../privacy/publish-record.ts';
import { publishWorkload } from '../../privacy/publish-workload.ts';
import { Sender } from '../../uplink/sender.ts';
import type { Emit } from '../agent-event.ts';
import type { AgentOptions, UplinkOptions } from '../agent-options.ts';
import type { Clock } from '../clock.ts';
import { groupOfExit } from '../group-crash.ts';
import type { Memory } from '../memory.ts';
import { PortalDumps } from '../sessions/portal-dumps.ts';
import { RemoteRequests } from '../sessions/remote-requests.ts';
import { SessionNews } from '../sessions/session-news.ts';
import { outboxAccess } from './outbox-access.ts';
import { isLoopback, receiverOf } from './receiver-of.ts';

export type AgentUplinkParts = {
  options: Pick<AgentOptions, 'app' | 'policy' | 'restart' | 'disabled' | 'uplinkHeaders' | 'attachDebugger'>;
  /** How often a change of the state is looked for; the usual time if not given. */
  checkMs?: number;
  uplink: UplinkOptions;
  instance: string;
  /** Of the state; null: there is none. */
  directory: string | null;
  /** Asked for each request: a container that is made again has another name. Absent where crashmon is the supervisor. */
  workload?: () => PublicWorkload;
  memory: Memory;
  clock: Clock;
  emit: Emit;
};

/** The crash whose downtime is not known yet. */
type Awaited = { uid: string; diedAt: Instant };

const NOT_SUPERVISED = publishWorkload(new Map());
const HEARTBEAT_MS = 5 * 60_000;
/** Its answer says what an admin of the portal has asked for. */
const REMOTE_HEARTBEAT_MS = 60_000;
/** The policy also changes when a cool-down ends, and manually. */
const CHECK_MS = 15_000;
/** After an exit nothing is sent for so long, unless the next worker starts earlier. */
const HOLD_MS = 300;
/** Shortest time between two notes of success, or of the same failure. */
const NOTE_MS = 30_000;
const FLUSH_MS = { ended: 2_000, stopped: 500, outerRestart: 250 };

/**
 * The agent's side of the uplink: makes public records, puts them in the outbox, and sends them while no worker waits
 * to be started.
 */
export class AgentUplink {
  readonly #parts: AgentUplinkParts;
  readonly #sender: Sender;
  readonly #sessions: SessionNews;
  readonly #requests: RemoteRequests;
  readonly #portalDumps: PortalDumps;
  readonly #timers: NodeJS.Timeout[] = [];
  #lastSent: Pick<MonitorStateAnswer, 'state' | 'cooldownUntilMs' | 'noCapture'> | null = null;
  /** What the last heartbeat said of sessions. */
  #sessionsSent = '{}';
  #isOver = false;
  #awaited: Awaited | null = null;
  /** For receipts. */
  readonly #destination: string;
  #worker: { startedAtMs: number; restarts: number } | null = null;
  #restarts = 0;
  #lastExitCounted = false;
  #noted: { failure: string | null; warning: string | null; atMs: number } | null = null;
  #lastSuccessMs: number | null;

  constructor(parts: AgentUplinkParts) {
    const { options, uplink, instance, memory, clock, emit, workload } = parts;
    this.#parts = parts;
    this.#sessions = new SessionNews({ app: options.app, instance, memory, clock });
    this.#requests = remoteRequests(parts);
    this.#lastSuccessMs = memory.read((journal) => journal.uplinkState())?.lastSuccessMs ?? null;
    const receiver = receiverOf(uplink, options.uplinkHeaders);
    this.#destination = `${receiver.endpoint.origin}${receiver.endpoint.pathname}`;
    this.#portalDumps = new PortalDumps({
      onSending: (crashUids) => this.#recordDumps(crashUids),
      offered: (wanted) => this.#sessions.offered(wanted),
      target: () => ({ endpoint: receiver.endpoint.href, headers: receiver.headers(), instance }),
      onProblem: (message) => emit({ event: 'problem', message }),
    });
    this.#sender = new Sender({
      source: {
        ...{ app: options.app, instance, crashmonVersion: uplink.crashmonVersion },
        get workload() {
          return workload?.() ?? NOT_SUPERVISED;
        },
      },
      receiver,
      outbox: outboxAccess(memory, {
        destination: this.#destination,
        now: () => this.#parts.clock().wallMs,
        lossOf: (count) => this.#outgoing([this.#make('l', { type: 'loss', count })]),
      }),
      noteResult: (failure, warning) => this.#noteResult(failure, warning ?? null),
      onProblem: (message) => emit({ event: 'problem', message }),
      onRequests: (requests) => this.#asked(requests),
      onWanted: (wanted) => {
        if (uplink.kind === 'portal' && !this.#isOver) this.#portalDumps.send(wanted);
      },
    });
  }

  /** @returns what is stored with the exit; the sender waits until the next worker runs */
  ended(run: EndedRun, policy: PolicyState): Outgoing {
    return this.#guarded(() => {
      this.#sender.hold(HOLD_MS);
      this.#worker = null;
      this.#lastExitCounted = run.verdict.counted;
      const answer = this.#state(policy);
      const record = this.#crash(run, answer);
      this.#awaited = record === null ? null : { uid: record.uid, diedAt: run.diedAt };
      this.#sender.wake();
      return [...(record === null ? [] : [record]), ...this.#changed(answer)];
    });
  }

  /** The same of a process below the main one: its master starts another. */
  childEnded(run: EndedRun, policy: PolicyState): Outgoing {
    return this.#guarded(() => {
      const answer = this.#state(policy);
      const record = this.#crash(run, answer);
      // Once it is stored.
      setImmediate(() => this.#sender.wake());
      return [...(record === null ? [] : [record]), ...this.#changed(answer)];
    });
  }

  /** What a crash did to users became known, some time after the next start. */
  impact(run: EndedRun, backAfterMs: number, impact: Impact): void {
    const uid = crashUid(run);
    const record = { type: 'back', atMs: run.diedAt.wallMs, crashUid: uid, backAfterMs, impact } as const;
    this.#enqueue(() => [publishRecord({ ...record, uid: `${uid}-i` })]);
  }

  /** A worker was started or taken over. Returns immediately; the rest is done later. */
  started(run: Run, restarts: number, takenOver = false): void {
    const isFirst = this.#timers.length === 0;
    this.#worker = { startedAtMs: run.startedAt.wallMs, restarts };
    this.#restarts = restarts;
    const awaited = this.#awaited;
    this.#awaited = null;
    if (isFirst) this.#beat();
    setImmediate(() => {
      if (!takenOver) this.#back(awaited ?? (isFirst ? this.#crashBefore(run.id) : null), run.startedAt);
      if (isFirst) this.#enqueue(() => [...this.#changed(this.#state()), this.#heartbeat()]);
      this.#sender.release();
    });
  }

  /** Something was added to the outbox, or set manually. */
  refresh(): void {
    this.#parts.memory.refreshManual();
    const changed = this.#changed(this.#state());
    if (changed.length > 0) this.#enqueue(() => changed);
    this.#sender.wake();
    void this.#sessions.look().then(() => this.#sessionsLooked());
  }

  /**
   * Sends what can be sent in a moment; the next crashmon of this instance sends the rest.
   * @param worker was stopped, ended by itself, or goes on without crashmon, of which nothing is said
   */
  async end(worker: 'stopped' | 'ended' | 'goes-on'): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#isOver = true;
    this.#worker = null;
    if (worker !== 'goes-on') this.#enqueue(() => this.#stopped());
    const isRestartedByOther = this.#parts.options.restart === 'never' && this.#lastExitCounted;
    await this.#sender.end(
      worker !== 'ended' ? FLUSH_MS.stopped : isRestartedByOther ? FLUSH_MS.outerRestart : FLUSH_MS.ended,
    );
  }

  get #everyMs(): number {
    return this.#parts.uplink.remoteControl === undefined ? HEARTBEAT_MS : REMOTE_HEARTBEAT_MS;
  }

  #beat(): void {
    this.#timers.push(
      setInterval(() => this.#enqueue(() => [this.#heartbeat()]), this.#everyMs).unref(),
      setInterval(() => this.refresh(), this.#parts.checkMs ?? CHECK_MS).unref(),
    );
  }

  #crash(run: EndedRun, { state, noCapture }: MonitorStateAnswer): PublicRecord | null {
    const { policy: settings } = this.#parts.options;
    const uptimeMs = elapsedMs(run.startedAt, run.diedAt);
    return publishCrash(run, uptimeMs, { settings, state, noCapture }, groupOfExit);
  }

  #back(awaited: Awaited | null, startedAt: Instant): void {
    if (awaited === null || this.#parts.options.disabled !== null) return;
    const { uid, diedAt } = awaited;
    const backAfterMs = Math.max(0, elapsedMs(diedAt, startedAt));
    const { memory } = this.#parts;
    // Too late for a record that is being sent.
    const waits =
      !this.#sender.isInFlight(uid) && memory.read((journal) => journal.fillInBack(uid, backAfterMs));
    if (waits) return;
    const atMs = startedAt.wallMs;
    this.#enqueue(() => [publishRecord({ type: 'back', uid: `${uid}-b`, atMs, crashUid: uid, backAfterMs })]);
  }

  /** Where another supervisor restarts crashmon, the crash was the last exit that its predecessor saw. */
  #crashBefore(runId: string): Awaited | null {
    const last = this.#parts.memory.read((journal) => journal.lastMainExit());
    return last === null || last.id === runId || !last.verdict.counted
      ? null
      : { uid: crashUid(last), diedAt: last.diedAt };
  }

  #state(policy = this.#parts.memory.policy): MonitorStateAnswer {
    const { options, clock } = this.#parts;
    const input = { settings: options.policy, state: policy, disabled: options.disabled !== null };
    return monitorState(input, clock());
  }

  /** A record of the state, if it differs from the last one. */
  #changed({ state, cooldownUntilMs, noCapture }: MonitorStateAnswer): PublicRecord[] {
    const untilMs = state === 'cooling-down' ? cooldownUntilMs : null;
    const same =
      this.#lastSent?.state === state &&
      tokenOf(this.#lastSent.noCapture) === tokenOf(noCapture) &&
      Math.abs((this.#lastSent.cooldownUntilMs ?? 0) - (untilMs ?? 0)) < 1_000;
    if (same) return [];
    this.#lastSent = { state, cooldownUntilMs: untilMs, noCapture };
    const { policy: settings } = this.#parts.options;
    const changed = {
      type: 'state',
      state,
      ...ifAny(noCapture),
      cooldownUntilMs: untilMs,
      settings,
    } as const;
    return [this.#make('s', changed)];
  }

  #asked(requests: readonly RemoteRequest[]): void {
    if (this.#parts.uplink.kind !== 'portal' || this.#isOver) return;
    this.#requests.carryOut(requests);
    this.#sessionsLooked();
  }

  /** For `crashmon receipt`. */
  #recordDumps(crashUids: readonly string[]): void {
    const { memory, clock } = this.#parts;
    const dumps = crashUids.map((uid) => ({
      ...{ uid: `${uid}-u`, what: 'dump', crashes: [uid.slice(12)], counted: null },
      ...{ destination: this.#destination, content: 'Its dump, encrypted, or the rest of it.', source: null },
    }));
    memory.read((journal) => journal.recordLeaving(dumps, { atMs: clock().wallMs }));
  }

  #ofSessions(): Sessions {
    const answers = this.#requests.answers();
    return { ...this.#sessions.read(), ...(answers.length === 0 ? {} : { answers }) };
  }

  /** A heartbeat at once, if a session or its dumps are others than in the last one. */
  #sessionsLooked(): void {
    if (this.#isOver || JSON.stringify(this.#ofSessions()) === this.#sessionsSent) return;
    this.#enqueue(() => [this.#heartbeat()]);
  }

  #heartbeat(stopped = false): PublicRecord {
    const { options, uplink } = this.#parts;
    const sessions = this.#ofSessions();
    this.#sessionsSent = JSON.stringify(sessions);
    const { state, cooldownUntilMs, crashesInWindow, noCapture } = this.#state();
    return this.#make('h', {
      type: 'heartbeat',
      state,
      stopped,
      ...ifAny(noCapture),
      cooldownUntilMs: state === 'cooling-down' ? cooldownUntilMs : null,
      settings: options.policy,
      crashesInWindow,
      restarts: this.#restarts,
      workerStartedAtMs: this.#worker?.startedAtMs ?? null,
      crashmonVersion: uplink.crashmonVersion,
      everyMs: this.#everyMs,
      ...sessions,
    });
  }

  /** Otherwise the portal would show the last state until the instance counts as silent. */
  #stopped(): PublicRecord[] {
    const { state, cooldownUntilMs, noCapture } = this.#state();
    const untilMs = state === 'cooling-down' ? cooldownUntilMs : null;
    const { policy: settings } = this.#parts.options;
    const stopped = this.#make('s', {
      type: 'state',
      state,
      stopped: true,
      ...ifAny(noCapture),
      cooldownUntilMs: untilMs,
      settings,
    });
    return [stopped, this.#heartbeat(true)];
  }

  #make(suffix: 'h' | 's' | 'l', fields: DistributiveOmit<TelemetryRecord, 'uid' | 'atMs'>): PublicRecord {
    const atMs = this.#parts.clock().wallMs;
    const random = Math.floor(Math.random() * 2 ** 48);
    return publishRecord({ ...fields, uid: `${timeDigits(atMs)}${timeDigits(random)}-${suffix}`, atMs });
  }

  #outgoing(records: readonly PublicRecord[]): Outgoing {
    return { version: this.#parts.uplink.appVersion, records };
  }

  #enqueue(records: () => PublicRecord[]): void {
    const outgoing = this.#guarded(records);
    if (outgoing.records.length === 0) return;
    this.#parts.memory.write((journal) => journal.enqueue(outgoing));
    this.#sender.wake();
  }

  /** If a record cannot be made, the exit is recorded and the worker started all the same. */
  #guarded(records: () => PublicRecord[]): Outgoing {
    try {
      return this.#outgoing(records());
    } catch (error) {
      this.#parts.emit({ event: 'problem', message: (error as Error).message });
      return this.#outgoing([]);
    }
  }

  #noteResult(failure: string | null, warning: string | null): void {
    const atMs = this.#parts.clock().wallMs;
    if (failure === null) this.#lastSuccessMs = atMs;
    const noted = this.#noted;
    const isSame = noted?.failure === failure && noted.warning === warning;
    if (isSame && Math.abs(atMs - noted.atMs) < NOTE_MS) return;
    this.#noted = { failure, warning, atMs };
    const state: UplinkState = {
      lastSuccessMs: this.#lastSuccessMs,
      failure: failure === null ? null : { atMs, message: failure },
      ...(warning === null ? {} : { warning }),
    };
    this.#parts.memory.read((journal) => journal.saveUplinkState(state));
  }
}

function remoteRequests({
  options,
  uplink,
  directory,
  memory,
  clock,
  emit,
}: AgentUplinkParts): RemoteRequests {
  const url = new URL(uplink.endpoint);
  return new RemoteRequests({
    control: uplink.remoteControl ?? null,
    isSecure: url.protocol === 'https:' || isLoopback(url),
    isDisabled: options.disabled !== null,
    ...{ attachDebugger: options.attachDebugger, directory, memory, clock, emit },
  });
}

function tokenOf(noCapture: NoCapture | null): string {
  return noCapture === null ? '' : noCaptureToken(noCapture);
}

function ifAny(noCapture: NoCapture | null): { noCapture?: NoCapture } {
  return noCapture === null ? {} : { noCapture };
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
