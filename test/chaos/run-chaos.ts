import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { journalsOf, judgeAll, resultLine } from './judge/judge-all.ts';
import { added, thingsNow, unexpectedFiles } from './judge/left-over.ts';
import type { AppPlan } from './plan/apps.ts';
import { type Fault, type Step, textOf } from './plan/faults.ts';
import type { StoreKind } from './plan/store-of.ts';
import type { AppService } from './system/app-service.ts';
import { type Deed, Inflictor } from './system/effects.ts';
import { processes } from './system/processes.ts';
import type { Arrived, Sink } from './system/sink.ts';
import { type System, startSystem } from './system/system.ts';
import { uptimeS } from './system/uptime.ts';

export type ChaosRun = {
  seed: number;
  steps: readonly Step[];
  apps: readonly AppPlan[];
  store: StoreKind;
  /** Where to keep what the run left, if something is wrong; null to delete it. */
  keepIn: string | null;
  print(line: string): void;
};

const KERNEL_DEATHS = '/mnt/deaths';
const PROGRESS_MS = 10_000;
/** For what needs no time of its own, on a busy machine. */
const SETTLES_MS = 480_000;
/** Most have arrived by then; the others are not waited for, because the clock can be set. */
const NOTIFIED_MS = 15_000;
/** More than the clock ever was ahead. */
const ALL_DUE_MS = 12 * 3_600_000;
const LOOK_EVERY_MS = 200;
const NOTIFIER = /\/agent\/notify\//;

/** Runs the whole system through the faults, and then until all is quiet. @returns what is not as it was to be */
export async function runChaos({ seed, steps, apps, store, keepIn, print }: ChaosRun): Promise<string[]> {
  const before = thingsNow();
  const violations: string[] = [];
  {
    await using system = await startSystem(seed, apps, store);
    const deeds = await inflictAll(system, steps, print);
    violations.push(...(await settle(system, deeds)));
    print(
      `notifications: ${again(system.sink.mails())} mails, ${again(system.sink.messages())} webhook messages`,
    );
    const judged = await judgeAll(system, deeds, KERNEL_DEATHS);
    for (const result of judged.results) print(resultLine(result));
    violations.push(
      ...judged.violations,
      ...unexpectedFiles(system.stateDir).map((file) => `left over: ${file}`),
    );
    if (violations.length > 0 && keepIn !== null) keep(system, deeds, keepIn);
  }
  const left = await untilNone(() => added(before, thingsNow()));
  return [...violations, ...left.map((thing) => `left over: ${thing}`)];
}

/** Each in its turn; those that last overlap. */
async function inflictAll(
  system: System,
  steps: readonly Step[],
  print: (line: string) => void,
): Promise<Deed[]> {
  const started = performance.now();
  const inflictor = new Inflictor(system);
  const deeds: Deed[] = [];
  const running = new Set<Promise<void>>();
  const kinds = new Map<Fault['kind'], number>();
  let printedMs = 0;
  for (const { atMs, fault } of steps) {
    await delay(Math.max(0, atMs - (performance.now() - started)));
    const one = inflictor.inflict(fault).then((done) => {
      deeds.push(...done);
      running.delete(one);
    });
    running.add(one);
    kinds.set(fault.kind, (kinds.get(fault.kind) ?? 0) + 1);
    if (atMs - printedMs < PROGRESS_MS) continue;
    printedMs = atMs;
    const workers = system.apps.reduce((sum, app) => sum + app.noted('starts').length, 0);
    print(`${(atMs / 1_000).toFixed(0)} s: ${workers} workers; now: ${textOf(fault)}`);
  }
  await Promise.all(running);
  print(`faults: ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  return deeds;
}

/** Until every worker stays, everything was reported and sent, and all crashmons have ended. */
async function settle(system: System, deeds: Deed[]): Promise<string[]> {
  const { apps, stateDir, portal, clock } = system;
  clock.jump(0);
  const uncrashed = await untilNone(() => apps.flatMap((app) => notCrashed(app, stateDir)));
  for (const app of apps) app.calm();
  // What an earlier crashmon has not sent yet, only one that records sends.
  for (const app of apps.filter((app) => app.isUnrecorded())) {
    await endCrashmon(app, deeds);
    app.service.resume();
  }
  const problems = [
    ...uncrashed,
    ...(await untilNone(() =>
      apps.filter((app) => !app.isCalm()).map(({ plan }) => `${plan.name}: no worker runs`),
    )),
    ...(await untilNone(() => apps.flatMap(stoppedWorker))),
    ...(await untilNone(() => waiting(stateDir))),
    ...(await notified(system)),
  ];
  for (const app of apps) await endCrashmon(app, deeds);
  // What outlives a crashmon waits minutes for what is due by then: now it is due.
  clock.jump(ALL_DUE_MS);
  // Reports of the last crashes, and the last notifiers.
  problems.push(
    ...(await untilNone(() =>
      processes()
        .filter(
          ({ pid, command }) => pid !== portal.pid && (command.includes(stateDir) || NOTIFIER.test(command)),
        )
        .map(({ pid, command }) => `still there: ${pid} ${command}`),
    )),
  );
  return problems;
}

/** What the agent does not see is nothing that a notification could be about. */
function notCrashed(app: AppService, stateDir: string): string[] {
  const exits = journalsOf(stateDir, app).instances.flatMap((instance) => instance.exits);
  if (!app.plan.watched || exits.some(({ verdict }) => verdict.counted)) return [];
  return [`${app.plan.name}: no crash was recorded`];
}

async function endCrashmon({ service }: AppService, deeds: Deed[]): Promise<void> {
  const fromS = uptimeS();
  await service.pause('SIGTERM');
  deeds.push({ what: 'stop-asked', to: service.name, pid: null, fromS, toS: uptimeS() });
}

function stoppedWorker(app: AppService): string[] {
  const worker = app.newestWorker();
  const state = processes().find(({ pid }) => pid === worker)?.state ?? 'gone';
  return 'Tt'.includes(state) ? [`${app.plan.name}: the worker ${worker} is stopped (${state})`] : [];
}

/**
 * Notifications are due by the wall clock: when it was ahead, some hours later than now. What a killed portal was about to send,
 * another one sends after minutes. So the clock goes on instead of everything else.
 */
async function notified({ apps, clock, sink }: System): Promise<string[]> {
  const missing = () => missingNotifications(apps, sink);
  if ((await untilNone(missing, NOTIFIED_MS)).length === 0) return [];
  clock.jump(ALL_DUE_MS);
  return await untilNone(missing);
}

/** Each app has crashed by now, and each crash belongs to an episode of which at least the beginning is reported. */
function missingNotifications(apps: readonly AppService[], sink: Sink): string[] {
  const [mails, messages] = [sink.mails(), sink.messages()];
  const isMissing = (arrived: readonly Arrived[], name: string) => !arrived.some(({ app }) => app === name);
  return apps.flatMap(({ plan: { name, notifies } }) => [
    ...(isMissing(mails, name) ? [`${name}: no mail of the portal arrived`] : []),
    ...(notifies && isMissing(messages, name) ? [`${name}: no webhook message arrived`] : []),
  ]);
}

/** What was not sent yet, or not analyzed. */
function waiting(stateDir: string): string[] {
  return listJournals(stateDir).flatMap(({ directory, app }) => {
    using journal = openJournalReadOnly(directory);
    const records = journal?.outboxTotals().records ?? 0;
    return records === 0 ? [] : [`${app}: ${records} records were not sent`];
  });
}

/** @returns what is still there after a long time */
async function untilNone(look: () => string[], withinMs = SETTLES_MS): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = look();
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(LOOK_EVERY_MS);
  }
}

/** Ledgers and output of the apps, the state directory, what was done, and what the kernel noted. */
function keep({ apps, stateDir }: System, deeds: readonly Deed[], directory: string): void {
  cpSync(stateDir, path.join(directory, 'state'), { recursive: true });
  cpSync('/mnt/apps', path.join(directory, 'apps'), { recursive: true });
  cpSync('/mnt/portal', path.join(directory, 'portal'), { recursive: true });
  cpSync('/mnt/state/portal', path.join(directory, 'portal-data'), { recursive: true });
  cpSync(KERNEL_DEATHS, path.join(directory, 'deaths'));
  const lives = Object.fromEntries(apps.map(({ plan, service }) => [plan.name, service.lives]));
  const traces = Object.fromEntries(apps.map(({ plan, traces }) => [plan.name, traces?.all ?? []]));
  writeFileSync(path.join(directory, 'done.json'), JSON.stringify({ deeds, lives, traces }, null, 1));
}

function again(arrived: readonly Arrived[]): string {
  const different = new Set(arrived.map(({ id }) => id)).size;
  return `${different}${different < arrived.length ? ` (${arrived.length - different} again)` : ''}`;
}
