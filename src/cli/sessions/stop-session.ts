import type { Command } from 'commander';
import { placeRequest } from '../../journal/requests.ts';
import { stopSession } from '../../journal/write-session.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { isSessionRunning } from '../../policy/session-state.ts';
import type { CliContext } from '../context.ts';
import { appStatus } from '../journals/app-status.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { sweepStores } from './find-dumps.ts';
import { sessionJson, sessionSentence } from './session-text.ts';

export function addSessionStop(session: Command, context: CliContext): void {
  const stop = session
    .command('stop')
    .description('End the session of an app; its dumps stay')
    .argument('<app>', 'name of the app')
    .addHelpText('after', '\nExample:\n  crashmon session stop shop');
  addJournalOptions(stop).action(async (app: string, options: JournalOptions) => {
    const selection = { ...options, app };
    const now = context.now();
    using open = openJournals(selection, context);
    await sweepStores(open, context);
    const running = open.journals.filter(({ reader }) => isSessionRunning(reader.session(), now));
    if (running.length === 0) throw new CrashmonError('BAD_OPTION', `No session of ${line(app)} is running.`);
    for (const journal of running) {
      stopSession(journal.directory, now.wallMs);
      if (appStatus(journal, now, open.host).supervised) placeRequest(journal.directory, 'override');
    }
    // Reopened: a reader of an idle journal does not see later writes.
    using after = openJournals(selection, context);
    const stopped = after.journals.flatMap((journal) => {
      const record = journal.reader.session();
      const isOurs = running.some(({ directory }) => directory === journal.directory);
      return record === null || !isOurs ? [] : [{ journal, record }];
    });
    if (options.json) {
      const sessions = stopped.map(({ journal, record }) => sessionJson(journal, record, now));
      context.stdout.write(jsonText({ sessions }));
      return;
    }
    for (const { journal, record } of stopped) {
      const name = `${line(journal.app)} on ${line(journal.instance)}`;
      context.stdout.write(`${name}: ${sessionSentence(record, context)}.\n`);
    }
  });
}
