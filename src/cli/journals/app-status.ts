import { type HostStatus, isAgentRunning, type ServiceStatus } from '../../host/host-status.ts';
import type {
  AgentRecord,
  DebuggerState,
  JournalSettings,
  ProgramState,
  StartedWith,
  UplinkDocument,
  UplinkState,
  WatchedService,
} from '../../journal/documents.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { Instant } from '../../model/instant.ts';
import type { ManualOverride, PolicySettings } from '../../model/policy.ts';
import type { SessionRecord } from '../../model/session.ts';
import { type MonitorStateAnswer, monitorState } from '../../policy/monitor-state.ts';
import { isSessionRunning } from '../../policy/session-state.ts';
import { findMainProcess } from '../../worker/main-process.ts';
import { isAlive, readProcessStat } from '../../worker/process-info.ts';
import { type NotifyStatus, notifyStatus } from './notify-status.ts';
import type { OpenJournal } from './open-journals.ts';

/** What `status` and other verbs show for one app on one instance. */
export type AppStatus = MonitorStateAnswer & {
  app: string;
  instance: string;
  directory: string;
  settings: PolicySettings;
  manual: ManualOverride;
  /** Why the kill switch is on, null if it is off. */
  disabled: string | null;
  /** null if none is running. */
  worker: { pid: number; startedAt: Instant; restarts: number; armed: boolean } | null;
  /** Is crashmon running, to restart the worker? */
  supervised: boolean;
  /** Time of the next start, if the wait is long; else null. */
  restartAtMs: number | null;
  /** Of a service: what a capture of the next crash needs; null if unknown, or crashmon is the supervisor. */
  means: CaptureMeans | null;
  /** null if unknown or irrelevant: no worker, or one that is not armed. */
  debugger: DebuggerState | null;
  /** In a session of `crashmon run`: the exception that ends the worker is read from outside. */
  isExitWatched: boolean;
  /** Of the newest exit; null if it was no crash, or there is none. */
  lastKind: CrashKind | null;
  /** Runs that ended unseen, of which only the number is known. */
  missed: number;
  /** Workers below a master that ended unseen; they need not have crashed. */
  missedWorkers: number;
  /** The service of another supervisor that crashmon watches; null if crashmon is the supervisor. */
  service: WatchedService | null;
  /** What crashmon agent says of this service; null if it knows it no longer, or crashmon is the supervisor. */
  hosted: ServiceStatus | null;
  /** The program of the current or last worker; null if it was not seen. */
  program: ProgramState | null;
  /** What was added to the environment of the worker; null if nothing, or that is unknown. */
  startedWith: StartedWith | null;
  /** null if nothing is sent. */
  uplink: UplinkStatus | null;
  notify: NotifyStatus | null;
  /** The newest session in which dumps are kept; null if there was none. */
  session: SessionRecord | null;
};

export type UplinkStatus = Pick<UplinkDocument, 'kind' | 'endpoint' | 'remoteControl'> &
  UplinkState & {
    /** Records waiting to be sent. */
    waiting: number;
  };

/** For journals whose agent has not written its settings yet; equal to the defaults of `run`. */
const USUAL: JournalSettings = {
  armAfter: 3,
  windowMs: 24 * 60 * 60 * 1000,
  cooldownMs: 8 * 60 * 60 * 1000,
  commandHash: '',
  appRoot: '',
  disabled: null,
};

/** The settings of the journal's agent. */
export function settingsOf(reader: JournalReader): JournalSettings {
  return reader.settings() ?? USUAL;
}

/** @param host what crashmon agent says of its services, if there is one */
export function appStatus(
  { app, instance, directory, reader }: OpenJournal,
  now: Instant,
  host: HostStatus | null = null,
): AppStatus {
  const settings = settingsOf(reader);
  const state = reader.policyState();
  const agent = reader.agent();
  const hosted = host?.services.find(({ id }) => id === settings.service?.id) ?? null;
  // A service that has not run yet has no record of its agent.
  const isHosted = host !== null && hosted?.isWatched === true && isAgentRunning(host);
  const supervised = isHosted || (agent !== null && runs(agent.pid, agent.startTicks));
  const run = reader.openRuns().findLast(({ pid, pidStartTicks }) => runs(pid, pidStartTicks));
  return {
    ...monitorState({ settings, state, disabled: settings.disabled !== null }, now),
    app,
    instance,
    directory,
    settings,
    manual: state.manual,
    disabled: settings.disabled,
    worker:
      run === undefined || run.pid === null
        ? null
        : {
            pid: findMainProcess(run.pid),
            startedAt: run.startedAt,
            restarts: agent?.restarts ?? 0,
            armed: run.armed,
          },
    supervised,
    restartAtMs: agent?.restartAtMs ?? null,
    debugger:
      supervised && agent !== null && run !== undefined
        ? debuggerOf(run.armed || isSessionRunning(state.session, now), agent)
        : null,
    means: agent?.means ?? null,
    isExitWatched: supervised && agent?.isExitWatched === true,
    lastKind: reader.exits({ limit: 1 })[0]?.verdict.kind ?? null,
    missed: reader.missed()?.count ?? 0,
    missedWorkers: reader.missedWorkers()?.count ?? 0,
    service: settings.service ?? null,
    hosted,
    program: agent?.program ?? null,
    startedWith: (run === undefined ? null : agent?.startedWith) ?? null,
    uplink: uplinkOf(reader),
    notify: notifyStatus(reader),
    session: state.session ?? null,
  };
}

function uplinkOf(reader: JournalReader): UplinkStatus | null {
  const uplink = reader.uplink();
  if (uplink === null) return null;
  const { kind, endpoint, remoteControl } = uplink;
  const may = remoteControl === undefined ? {} : { remoteControl };
  const state = reader.uplinkState() ?? { lastSuccessMs: null, failure: null };
  return { kind, endpoint, ...may, ...state, waiting: reader.outboxTotals().records };
}

/** A debugger that is off is shown even before a worker is armed. */
function debuggerOf(armed: boolean, agent: AgentRecord): DebuggerState | null {
  const state = agent.debugger ?? null;
  return armed || agent.means !== undefined || state?.state === 'off' ? state : null;
}

/** The number of further crashes that will arm it: more than `armAfter` in total. */
export function crashesUntilArmed({ settings, crashesInWindow }: AppStatus): number {
  return Math.max(1, settings.armAfter + 1 - crashesInWindow);
}

function runs(pid: number | null, startTicks: number | null): boolean {
  if (pid === null) return false;
  return startTicks === null ? readProcessStat(pid) !== null : isAlive(pid, startTicks);
}
