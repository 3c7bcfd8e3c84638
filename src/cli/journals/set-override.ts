import { isAgentRunning } from '../../host/host-status.ts';
import { type OpenRequest, requestJournal } from '../../host/open-requests.ts';
import { placeRequest } from '../../journal/requests.ts';
import { writeManualOverride } from '../../journal/write-manual-override.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { ManualOverride } from '../../model/policy.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import type { JournalOptions } from '../options/journal-options.ts';
import { unbroken, wrap } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { stateSentence } from '../render/state-sentence.ts';
import { type AppStatus, appStatus } from './app-status.ts';
import { openJournals } from './open-journals.ts';

/** The agent opens the journal of an app that has had no crash. */
const OPEN_MS = 10_000;
const POLL_MS = 100;

export type Change = { override: ManualOverride; restart: boolean };

/**
 * Sets the override on every selected instance, and prints the effect.
 * @throws CrashmonError NO_SUCH_APP
 */
export function setOverride(app: string, change: Change, options: JournalOptions, context: CliContext): void {
  const selection = { ...options, app };
  const now = context.now();
  for (const directory of journalsToWrite(selection, context)) {
    writeManualOverride(directory, change.override, now.wallMs);
  }
  // Reopened: a reader of an idle journal does not see later writes.
  using open = openJournals(selection, context);
  const changed = open.journals.map((journal) => {
    const status = appStatus(journal, now, open.host);
    // crashmon restarts only what it started.
    const isOurs = status.supervised && status.service === null;
    const restart = change.restart && isOurs;
    if (status.supervised) placeRequest(journal.directory, 'override');
    if (restart) placeRequest(journal.directory, 'restart');
    if (change.override === 'disarmed' && isOurs) placeRequest(journal.directory, 'detach');
    return { status, restart };
  });
  if (options.json) context.stdout.write(jsonText({ apps: changed.map(toJson) }));
  else
    for (const { status, restart } of changed)
      context.stdout.write(toText(status, change, restart, open.hint, context));
}

/**
 * Directories of the selected journals. `crashmon agent` is asked to open that of an app without a crash.
 * @throws CrashmonError NO_SUCH_APP
 */
export function journalsToWrite(selection: JournalOptions & { app: string }, context: CliContext): string[] {
  let request: OpenRequest | null = null;
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    using open = openJournals(selection, context);
    const { host, stateDir, journals } = open;
    if (journals.length > 0 && request?.isDone !== false) return journals.map(({ directory }) => directory);
    const name = line(selection.app);
    if (host === null || !isAgentRunning(host)) {
      const message = `${name} has no crash so far, and crashmon agent does not run: start it first.`;
      throw new CrashmonError('NO_SUCH_APP', message);
    }
    request ??= requestJournal(stateDir, selection.app);
    if (waitedMs >= OPEN_MS) {
      const message = `crashmon agent has not opened the journal of ${name}: see its log, and try again.`;
      throw new CrashmonError('NO_SUCH_APP', message);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

function toText(
  status: AppStatus,
  change: Change,
  restart: boolean,
  hint: Hint,
  context: CliContext,
): string {
  const nowMs = context.now().wallMs;
  const name = `${line(status.app)} on ${line(status.instance)}`;
  const sentences = [`${name} is ${status.state}: ${stateSentence(status, context, nowMs)}.`, consequence()];
  return `${wrap(sentences.filter((text) => text !== '').join(' '), { indent: '', columns: context.columns })}\n`;

  function consequence(): string {
    if (restart) return 'Its worker is restarting.';
    if (change.restart && status.service !== null)
      return 'Nothing was restarted: restart the service with its supervisor.';
    if (change.restart) return 'crashmon is not running for it, so nothing was restarted.';
    const { worker } = status;
    if (status.service !== null) return '';
    if (status.state === 'armed' && worker !== null && !worker.armed) {
      const which = status.program?.children === undefined ? 'current worker' : 'main process';
      return `The ${which} (pid ${worker.pid}) is not armed. To restart it: ${unbroken(hint('arm', status.app, '--restart'))}`;
    }
    if (status.state !== 'armed' && worker?.armed)
      return 'The current worker keeps its probe until it exits, but will not be captured.';
    return worker === null ? 'This takes effect at the next start of the worker.' : '';
  }
}

function toJson({ status, restart }: { status: AppStatus; restart: boolean }): object {
  const { app, instance, state, manual } = status;
  return { app, instance, state, manual, restarting: restart };
}
