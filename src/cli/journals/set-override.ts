import { placeRequest } from '../../journal/requests.ts';
import { writeManualOverride } from '../../journal/write-manual-override.ts';
import type { ManualOverride } from '../../model/policy.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import type { JournalOptions } from '../options/journal-options.ts';
import { unbroken, wrap } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { stateSentence } from '../render/state-sentence.ts';
import { type AppStatus, appStatus } from './app-status.ts';
import { openJournals } from './open-journals.ts';

export type Change = { override: ManualOverride; restart: boolean };

/** Sets the override on every selected instance, and prints the effect. */
export function setOverride(app: string, change: Change, options: JournalOptions, context: CliContext): void {
  const selection = { ...options, app };
  const now = context.now();
  for (const directory of directoriesOf(selection, context)) {
    writeManualOverride(directory, change.override, now.wallMs);
  }
  // Reopened: a reader of an idle journal does not see later writes.
  using open = openJournals(selection, context);
  const changed = open.journals.map((journal) => {
    const status = appStatus(journal, now);
    // crashmon restarts only what it started.
    const isOurs = status.supervised && status.service === null;
    const restart = change.restart && isOurs;
    if (status.supervised && status.service !== null) placeRequest(journal.directory, 'override');
    if (restart) placeRequest(journal.directory, 'restart');
    if (change.override === 'disarmed' && isOurs) placeRequest(journal.directory, 'detach');
    return { status, restart };
  });
  if (options.json) context.stdout.write(jsonText({ apps: changed.map(toJson) }));
  else
    for (const { status, restart } of changed)
      context.stdout.write(toText(status, change, restart, open.hint, context));
}

function directoriesOf(selection: JournalOptions, context: CliContext): string[] {
  using open = openJournals(selection, context);
  return open.journals.map(({ directory }) => directory);
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
      return `The current worker (pid ${worker.pid}) is not armed. To restart it: ${unbroken(hint('arm', status.app, '--restart'))}`;
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
