import type { Command } from 'commander';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { readHostStatus } from '../../host/host-status.ts';
import type { CliContext } from '../context.ts';
import { type AppStatus, appStatus, type UplinkStatus } from '../journals/app-status.ts';
import type { NotifyStatus } from '../journals/notify-status.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { noApps } from '../render/empty-state.ts';
import { hostText, isRunning } from '../render/host-text.ts';
import { jsonText } from '../render/safe-text.ts';
import { statusText } from '../render/status-text.ts';
import { isoTime } from '../render/times.ts';

/** `crashmon status [app]`: monitored apps, and how far from a capture. */
export function addStatus(program: Command, context: CliContext): void {
  const command = program
    .command('status')
    .description('Show the monitored apps: state, crashes in the window, worker')
    .argument('[app]', 'only this app')
    .addHelpText('after', '\nExamples:\n  crashmon status\n  crashmon status shop --json');
  addJournalOptions(command).action((app: string | undefined, options: JournalOptions) => {
    using open = openJournals(app === undefined ? options : { ...options, app }, context);
    const all = readHostStatus(open.stateDir);
    const statuses = open.journals.map((journal) => appStatus(journal, context.now(), all));
    const host = app === undefined ? all : null;
    if (options.json) {
      const { services } = host ?? {};
      const agent = host === null ? {} : { agent: { pid: isRunning(host) ? host.pid : null, services } };
      context.stdout.write(jsonText({ apps: statuses.map(toJson), ...agent }));
      return;
    }
    const parts = [
      ...(statuses.length === 0 ? [] : [statusText(statuses, context)]),
      ...(host === null ? [] : [hostText(host, context)]),
    ];
    context.stdout.write(parts.length === 0 ? noApps(open.stateDir, open.hint) : parts.join('\n'));
  });
}

function toJson(status: AppStatus): object {
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
    startedWith: status.startedWith,
    debugger: status.debugger,
    uplink: uplink === null ? null : uplinkJson(uplink),
    notify: notify === null ? null : notifyJson(notify),
  };
}

function noCaptureJson({ noCapture }: AppStatus): object | null {
  return noCapture === null ? null : { reason: noCapture.why, message: noCaptureWords(noCapture) };
}

function notifyJson({ lastDeliveredMs, ...notify }: NotifyStatus): object {
  return { ...notify, lastDelivered: lastDeliveredMs === null ? null : isoTime(lastDeliveredMs) };
}

function uplinkJson({ kind, endpoint, waiting, lastSuccessMs, failure, warning }: UplinkStatus): object {
  return {
    kind,
    endpoint,
    waiting,
    lastSuccess: lastSuccessMs === null ? null : isoTime(lastSuccessMs),
    failure: failure === null ? null : { at: isoTime(failure.atMs), message: failure.message },
    warning: warning ?? null,
  };
}
