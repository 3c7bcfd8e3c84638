import type { Command } from 'commander';
import { unfinishedIn } from '../../dumps/list-dumps.ts';
import type { CliContext } from '../context.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { wrap } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { sweepStores, waitingIn } from './find-dumps.ts';
import {
  limitsSentence,
  refusedSentence,
  sessionJson,
  sessionSentence,
  unfinishedSentence,
  waitingSentence,
} from './session-text.ts';

export function addSessionList(session: Command, context: CliContext): void {
  const list = session
    .command('list')
    .description('List the newest session of each app')
    .argument('[app]', 'only this app')
    .addHelpText('after', '\nExample:\n  crashmon session list');
  addJournalOptions(list).action(async (app: string | undefined, options: JournalOptions) => {
    using open = openJournals(app === undefined ? options : { ...options, app }, context);
    await sweepStores(open, context);
    const now = context.now();
    const records = open.journals.flatMap((journal) => {
      const record = journal.reader.session();
      return record === null ? [] : [{ journal, record }];
    });
    if (options.json) {
      const sessions = records.map(({ journal, record }) => sessionJson(journal, record, now));
      context.stdout.write(jsonText({ sessions }));
      return;
    }
    if (records.length === 0) {
      context.stdout.write(`No session so far. To start one: ${open.hint('session', 'start', '<app>')}\n`);
      return;
    }
    for (const { journal, record } of records) {
      const refused = refusedSentence(record);
      const waiting = waitingSentence(await waitingIn(record.session.store, now), now);
      const unfinished = unfinishedSentence(await unfinishedIn(record.session.store), now);
      const sentences = [
        sessionSentence(record, context),
        limitsSentence(record),
        ...(refused === null ? [] : [refused]),
        ...(unfinished === null ? [] : [unfinished]),
        ...(waiting === null ? [] : [waiting]),
      ];
      const text = sentences.map((each) => wrap(each, { indent: '  ', columns: context.columns })).join('\n');
      context.stdout.write(`${line(journal.app)} on ${line(journal.instance)}:\n${text}\n`);
    }
  });
}
