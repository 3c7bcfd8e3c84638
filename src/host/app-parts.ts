import type { Emit } from '../agent/agent-event.ts';
import { Analyses } from '../agent/analyses.ts';
import type { ProgramRoots } from '../agent/analysis-job.ts';
import { chooseSlot } from '../agent/choose-slot.ts';
import type { Clock } from '../agent/clock.ts';
import { Memory } from '../agent/memory.ts';
import type { DebuggerPool } from '../agent/native/debugger-pool.ts';
import type { AgentNotify } from '../agent/notify/agent-notify.ts';
import { openNotify } from '../agent/notify/open-notify.ts';
import { sendReports } from '../agent/send-reports.ts';
import type { SettleParts } from '../agent/settle-exit.ts';
import type { AgentUplink } from '../agent/uplink/agent-uplink.ts';
import { openUplink } from '../agent/uplink/open-uplink.ts';
import { fingerprint } from '../formats/fingerprint.ts';
import type { Slot } from '../journal/slot.ts';
import type { PublicWorkload } from '../model/workload.ts';
import { publishWorkload } from '../privacy/publish-workload.ts';
import type { HostExits } from './capture/host-exits.ts';
import { ONLY_WATCHED } from './capture/only-watched.ts';
import type { AppSettings } from './host-settings.ts';
import { IdleJournal } from './idle-journal.ts';
import type { HostTcp } from './impact/host-tcp.ts';
import { lockSmall } from './lock-small.ts';
import type { HostProbes } from './probe/host-probes.ts';
import type { NewProcesses } from './processes/new-processes.ts';
import type { Service } from './source.ts';
import type { Turnstile } from './turnstile.ts';

export type AppContext = {
  stateDir: string | null;
  uid: number;
  clock: Clock;
  emit: Emit;
  /** What `crashmon status` shows of it can have changed. */
  onStatus: () => void;
  /** It is not followed any more. @param left the directory in which something can wait to be sent; null: nothing is sent */
  onEnd: (left: string | null) => void;
  /** Analyses of all apps pass it. */
  turnstile: Turnstile;
  exits: HostExits;
  started: NewProcesses;
  debuggers: DebuggerPool;
  tcp: HostTcp;
  /** null: services cannot be started with the probe. */
  probes: HostProbes | null;
};

/** Where an app's files are, as far as that is known, and the service as it was started last. */
export type AppPlace = {
  appRoot: string;
  workspaceRoot: string | null;
  root?: ProgramRoots;
  service?: Service;
};

/** What exits of a service are settled with; the same parts as `crashmon run` has. */
export type AppParts = SettleParts & {
  directory: string;
  instance: string;
  commandHash: string;
  uplink: AgentUplink | null;
  notify: AgentNotify | null;
  /** @param goesOn the service runs, and is no longer watched with these parts */
  end(goesOn: boolean): Promise<void>;
};

/** A heartbeat reads what was set manually, too. */
const CHECK_MS = 5 * 60_000;

/**
 * Takes the slot of a service and opens what belongs to it.
 * @param place asked whenever a report is made: it is known once a process was seen
 * @param onReport a report was stored
 * @throws CrashmonError if there is no directory for its state
 */
export async function openAppParts(
  service: Service,
  settings: AppSettings,
  context: AppContext,
  place: () => AppPlace,
  onReport: () => void,
): Promise<AppParts> {
  const { clock, emit, stateDir, uid, turnstile } = context;
  const { app, policy, uplinkHeaders, notifySecrets } = settings;
  const commandHash = fingerprint(service.id);
  const identity = { appRoot: place().appRoot, named: true };
  // Replicas of a unit are instances of one app.
  const name = service.replica === null ? settings.instance : `${settings.instance}.${service.replica}`;
  const claim = { stateDir, app, instance: name, ...identity, service };
  const { slot } = chooseSlot(claim, commandHash, clock().bootId, lockSmall);
  try {
    return await openIn(slot);
  } catch (error) {
    // Otherwise the next attempt would find it taken.
    slot.release();
    throw error;
  }

  async function openIn(slot: Slot): Promise<AppParts> {
    const { directory, instance } = slot;
    const journal = new IdleJournal(slot, app, (message) => emit({ event: 'problem', message }));
    const memory = new Memory(journal, clock(), emit);
    const options = {
      ...{ app, policy, uplinkHeaders, notifySecrets, uplink: settings.uplink, notify: settings.notify },
      ...{ disabled: null, restart: 'always' as const, attachDebugger: settings.attachDebugger },
    };
    const common = { options, instance, memory, clock, hasJournal: true };
    const workload = () => workloadOf(place().service ?? service);
    const uplink = await openUplink({ ...common, emit, directory, checkMs: CHECK_MS, workload });
    const notify = await openNotify({ ...common, emit, directory, turn: (work) => turnstile.pass(work) });
    const { root: roots } = place();
    const analyses = new Analyses({
      ...(roots === undefined ? {} : { roots }),
      ...{ directory, app, instance, uid, memory, emit: sendReports(emit, uplink, notify, onReport) },
      get appRoot() {
        return place().appRoot;
      },
      get workspaceRoot() {
        return place().workspaceRoot;
      },
      turn: (work) => turnstile.pass(work),
    });
    const { id, source, attributes } = service;
    const isKnown = memory.read((open) => open.settings()?.service?.id) === id;
    memory.write((open) =>
      open.saveSettings({
        ...{ ...policy, ...identity, commandHash, disabled: null },
        service: { id, source, attributes },
      }),
    );
    // "Armed" is only claimed where a capture can come. What `crashmon run` learned of it was about the probe.
    if (!isKnown) memory.setNoCapture(ONLY_WATCHED);
    return {
      ...{ options, directory, instance, commandHash, memory, analyses, uplink, notify, emit },
      async end(goesOn) {
        analyses.handOver();
        await uplink?.end(goesOn ? 'goes-on' : 'stopped');
        await notify?.end(true);
        memory.end();
        journal.close();
        slot.release();
      },
    };
  }
}

function workloadOf({ source, attributes }: Service): PublicWorkload {
  return publishWorkload(new Map(Object.entries({ ...attributes, 'crashmon.source': source })));
}
