import type { Command } from 'commander';
import { coreTarget } from '../../agent/system-core/core-handler.ts';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { type HostStatus, isAgentRunning } from '../../host/host-status.ts';
import type { Instant } from '../../model/instant.ts';
import type { CliContext } from '../context.ts';
import { findExecutable } from '../doctor/find-node.ts';
import { type AppStatus, appStatus, type UplinkStatus } from '../journals/app-status.ts';
import type { NotifyStatus } from '../journals/notify-status.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { noApps } from '../render/empty-state.ts';
import { hostText } from '../render/host-text.ts';
import { jsonText } from '../render/safe-text.ts';
import { type DumpNews, statusText } from '../render/status-text.ts';
import { isoTime } from '../render/times.ts';
import { sessionJson } from '../sessions/session-text.ts';

/** `crashmon status [app]`: monitored apps, and how far from a capture. */
export function addStatus(program: Command, context: CliContext): void {
  const command = program
    .command('status')
    .description('Show the monitored apps: state, crashes in the window, worker, where it comes from')
    .argument('[app]', 'only this app')
    .addHelpText('after', '\nExamples:\n  crashmon status\n  crashmon status shop --json');
  addJournalOptions(command).action((app: string | undefined, options: JournalOptions) => {
    using open = openJournals(app === undefined ? options : { ...options, app }, context);
    const statuses = open.journals.map((journal) => appStatus(journal, context.now(), open.host));
    const host = ofApp(open.host, app);
    if (options.json) {
      const { services } = host ?? {};
      const agent = host === null ? {} : { agent: { pid: isAgentRunning(host) ? host.pid : null, services } };
      context.stdout.write(
        jsonText({ apps: statuses.map((status) => toJson(status, context.now())), ...agent }),
      );
      return;
    }
    const others =
      host === null
        ? ''
        : hostText(host, statuses, context, { app, cores: coreTarget(), hasDebugger: hasDebugger(context) });
    const print = (news: ReadonlyMap<AppStatus, DumpNews>) => {
      const apps = statuses.length === 0 ? [] : [statusText(statuses, context, news)];
      const parts = [...apps, others].filter(Boolean);
      context.stdout.write(parts.length === 0 ? noApps(open) : parts.join('\n'));
    };
    const stores = storesOf(statuses);
    if (stores.length === 0) return print(new Map());
    return newsOf(stores, context).then(print);
  });
}

type Store = { status: AppStatus; store: string };

function storesOf(statuses: readonly AppStatus[]): Store[] {
  return statuses.flatMap((status) => {
    const store = status.session?.session.store;
    return store === undefined ? [] : [{ status, store }];
  });
}

async function newsOf(
  stores: readonly Store[],
  context: CliContext,
): Promise<ReadonlyMap<AppStatus, DumpNews>> {
  const { waitingIn } = await import('../sessions/find-dumps.ts');
  const { unfinishedIn } = await import('../../dumps/list-dumps.ts');
  const news = new Map<AppStatus, DumpNews>();
  for (const { status, store } of stores) {
    const waiting = await waitingIn(store, context.now());
    news.set(status, { waiting, unfinished: await unfinishedIn(store) });
  }
  return news;
}

function hasDebugger({ env }: CliContext): boolean {
  return findExecutable('gdbserver', env.PATH ?? '') !== null;
}

/** What crashmon agent says of this app; null if it knows nothing of it. */
function ofApp(host: HostStatus | null, app: string | undefined): HostStatus | null {
  if (host === null || app === undefined) return host;
  const services = host.services.filter((service) => service.app === app);
  return services.length === 0 ? null : { ...host, services };
}

function toJson(status: AppStatus, now: Instant): object {
  const { worker, cooldownUntilMs, settings, uplink, notify } = status;
  return {
    app: status.app,
    instance: status.instance,
    state: status.state,
    crashesInWindow: status.crashesInWindow,
    threshold: settings.armAfter,
    windowMs: settings.windowMs,
    cooldownUntil: cooldownUntilMs === null ? null : isoTime(cooldownUntilMs),
    worker:
      worker === null
        ? null
        : { pid: worker.pid, startedAt: isoTime(worker.startedAt.wallMs), restarts: worker.restarts },
    noCapture: noCaptureJson(status),
    program: status.program,
    missedWorkers: status.missedWorkers,
    startedWith: status.startedWith,
    debugger: status.debugger,
    service: serviceJson(status),
    uplink: uplink === null ? null : uplinkJson(uplink),
    notify: notify === null ? null : notifyJson(notify),
    session: status.session === null ? null : sessionJson(status, status.session, now),
  };
}

/** Where it comes from, if crashmon did not start it. */
function serviceJson({ service, hosted, missed }: AppStatus): object | null {
  if (service === null) return null;
  const { id, source, attributes } = service;
  const { isWatched = null, why = null, running = null } = hosted ?? {};
  const unit = attributes['systemd.unit'] ?? null;
  return { id, source, unit, isWatched, why, noWords: running?.noWords ?? null, missed };
}

function noCaptureJson({ noCapture }: AppStatus): object | null {
  return noCapture === null ? null : { reason: noCapture.why, message: noCaptureWords(noCapture) };
}

function notifyJson({ lastDeliveredMs, ...notify }: NotifyStatus): object {
  return { ...notify, lastDelivered: lastDeliveredMs === null ? null : isoTime(lastDeliveredMs) };
}

function uplinkJson(uplink: UplinkStatus): object {
  const { kind, endpoint, waiting, lastSuccessMs, failure, warning, remoteControl = 'off' } = uplink;
  return {
    kind,
    endpoint,
    waiting,
    lastSuccess: lastSuccessMs === null ? null : isoTime(lastSuccessMs),
    failure: failure === null ? null : { at: isoTime(failure.atMs), message: failure.message },
    warning: warning ?? null,
    remoteControl,
  };
}
