import { hostname } from 'node:os';
import type { Journal } from '../journal/journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import type { Slot } from '../journal/slot.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { NoCapture } from '../model/no-capture.ts';
import { isOutOfReach } from '../policy/monitor-state.ts';
import type { LaunchFailure } from '../worker/launch.ts';
import type { Outlet } from '../worker/outlet.ts';
import type { Emit } from './agent-event.ts';
import type { AgentOptions } from './agent-options.ts';
import { Analyses } from './analyses.ts';
import { Arming } from './arming.ts';
import { ChildExits } from './children/child-exits.ts';
import { type ChosenSlot, chooseSlot } from './choose-slot.ts';
import { systemClock } from './clock.ts';
import { hasRoom } from './disk-room.ts';
import { hashCommand } from './hash-command.ts';
import { LaunchSource } from './launch-source.ts';
import { Memory } from './memory.ts';
import { Monitor } from './monitor.ts';
import type { MonitorParts, RunResult } from './monitor-parts.ts';
import { DebuggerPool, MAX_DEBUGGED_CHILDREN } from './native/debugger-pool.ts';
import { openNotify } from './notify/open-notify.ts';
import { recover } from './recover.ts';
import { watchRequests } from './request-box.ts';
import { sendReports } from './send-reports.ts';
import { StderrChannel } from './stderr-channel.ts';
import { StopControl } from './stop-control.ts';
import { openUplink } from './uplink/open-uplink.ts';
import { ownWorkload, surroundings } from './uplink/own-workload.ts';
import { warnOfRefusedNotifications } from './warn-of-refused-notifications.ts';

/** How long a container's first process waits for a report before it ends; elsewhere the analysis continues alone. */
const LAST_REPORT_WAIT_MS = 5_000;

/**
 * Supervises one worker until it is stopped or not to be restarted. A part of crashmon that fails is reported and left
 * out: the worker runs in any case.
 * @param outlet crashmon's own standard error, shared with the worker's
 */
export async function runAgent(
  options: AgentOptions,
  outlet: Outlet,
  emit: Emit,
): Promise<ExitStatus | LaunchFailure> {
  // First: a stop that comes while the state is being opened, now or again, must not be lost.
  using stop = new StopControl(options.stopTimeoutMs, emit);
  for (;;) {
    const result = await runWith(stop, options, outlet, emit);
    if (result !== 'begin-again') return result;
  }
}

async function runWith(
  stop: StopControl,
  options: AgentOptions,
  outlet: Outlet,
  emit: Emit,
): Promise<RunResult> {
  const clock = systemClock();
  const commandHash = hashCommand(options);
  const state = openState(options, commandHash, clock().bootId, emit);
  const monitored = options.disabled === null;
  const couldStore = monitored && state?.journal == null ? roomAgain(options.stateDir) : () => false;
  const instance = state?.slot.instance ?? options.instance;
  const journal = state?.journal ?? null;
  const memory = new Memory(journal === null ? null : { get: () => journal }, clock(), emit);
  using stderr =
    monitored && options.tapStderr && state !== null ? openStderr(state.slot, options, outlet, emit) : null;
  const { app, appRoot, workspaceRoot, named, place } = options;
  const directory = state?.slot.directory ?? null;
  const hasJournal = state?.journal != null;
  const ownPlace = ownWorkload(surroundings(options.env, hostname()));
  const uplink = await openUplink({
    options,
    instance,
    memory,
    clock,
    emit,
    directory,
    hasJournal,
    workload: () => ownPlace,
  });
  const notify = await openNotify({ options, instance, memory, clock, emit, directory, hasJournal });
  const { uid } = options;
  let onReport = () => {};
  const analyses = new Analyses({
    ...{ directory, app, instance, appRoot, workspaceRoot, uid, memory, hurry: options.hurry ?? false },
    emit: sendReports(emit, uplink, notify, () => onReport()),
  });
  await using exits = new ChildExits(emit);
  const debuggers = options.attachDebugger ? debuggersOf(emit) : null;
  const ours = { options, instance, directory, memory, clock, emit, exits, debuggers };
  const parts: MonitorParts = { ...ours, stderr, stop, analyses, uplink, notify, couldStore };
  const claim = { commandHash, appRoot, named, ...(place === undefined ? {} : { place }) };
  const remembered = memory.read((journal) => journal.settings())?.commandHash;
  memory.write((journal) =>
    journal.saveSettings({ ...options.policy, ...claim, disabled: options.disabled }),
  );
  if (remembered !== commandHash || isOfMachine(memory.policy.noCapture)) {
    memory.policy = { ...memory.policy, noCapture: null };
  }
  memory.write((journal) => journal.savePolicyState(memory.policy));
  if (options.disabled !== null) emit({ event: 'disabled', reason: options.disabled });
  if (state?.notFirst != null) emit({ event: 'slot', instance, because: state.notFirst });

  const orphan = await recover(parts, commandHash);
  // If monitoring is off, the worker runs without a trace of us: no marker, no records, its standard error its own.
  const own = monitored ? parts : { ...parts, directory: null, memory: new Memory(null, clock(), emit) };
  const arming = new Arming(options, own.directory, emit);
  const monitor = new Monitor(own, new LaunchSource(own, arming, orphan), arming);
  onReport = () => monitor.reported();
  using _requests = watchRequests(directory, (request) => {
    if (request === 'restart') stop.restart();
    else if (request === 'detach') void monitor.detachDebugger();
    monitor.overridden();
    uplink?.refresh();
  });
  const ending = monitor.run();
  // The worker has been started: it does not wait for this.
  const asking = new AbortController();
  void warnOfRefusedNotifications(options.env, emit, asking.signal);
  const result = await ending;
  asking.abort();
  await monitor.settled();
  await debuggers?.end();
  analyses.release();
  await stderr?.end();
  if (options.endsContainer) await analyses.settled(LAST_REPORT_WAIT_MS);
  analyses.handOver();
  await uplink?.end(stop.stopped === null ? 'ended' : 'stopped');
  await notify?.end(stop.stopped !== null);
  memory.end();
  state?.journal?.close();
  state?.slot.release();
  return result;
}

function debuggersOf(emit: Emit): DebuggerPool {
  return new DebuggerPool((message) => emit({ event: 'problem', message }), MAX_DEBUGGED_CHILDREN);
}

/** Another start of crashmon may find it fixed. */
function isOfMachine(noCapture: NoCapture | null): boolean {
  const why = noCapture?.why;
  if (why === 'only-watched' || isOutOfReach(noCapture)) return true;
  return why === 'no-debugger' || why === 'cannot-arm' || why === 'no-state';
}

type AgentState = ChosenSlot & { journal: Journal | null };

function openState(
  options: AgentOptions,
  commandHash: string,
  bootId: string,
  emit: Emit,
): AgentState | null {
  try {
    const chosen = chooseSlot(options, commandHash, bootId);
    return { ...chosen, journal: openJournalIn(chosen.slot, options, emit) };
  } catch (error) {
    reportUnmonitored(error, emit);
    return null;
  }
}

/** A disk that is full at the start can have room at a restart. */
function roomAgain(stateDir: string | null): () => boolean {
  if (stateDir === null || hasRoom(stateDir)) return () => false;
  return () => hasRoom(stateDir);
}

function openJournalIn(slot: Slot, options: AgentOptions, emit: Emit): Journal | null {
  try {
    const journal = openJournal(slot.directory, { app: options.app, instance: slot.instance }, Date.now());
    for (const message of journal.problems) emit({ event: 'problem', message });
    return journal;
  } catch (error) {
    reportUnmonitored(error, emit);
    return null;
  }
}

function reportUnmonitored(error: unknown, emit: Emit): void {
  if (!(error instanceof CrashmonError)) throw error;
  emit({
    event: 'problem',
    message: `${error.message} The worker runs, but its crashes are not recorded.`,
  });
}

function openStderr(slot: Slot, options: AgentOptions, outlet: Outlet, emit: Emit): StderrChannel | null {
  try {
    const channel = StderrChannel.open(slot.directory, options.uid, outlet);
    if (channel.notInMemory !== null) {
      const message = `Standard error goes through a file in the state directory (${channel.notInMemory}). If that disk fills up, writes to it fail.`;
      emit({ event: 'problem', message });
    }
    return channel;
  } catch (error) {
    const { message } = error as Error;
    emit({
      event: 'problem',
      message: `Standard error cannot be used as evidence (${message}). The worker keeps the one it has.`,
    });
    return null;
  }
}
