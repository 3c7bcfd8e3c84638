import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { appStatus } from '../journals/app-status.ts';
import { type OpenJournals, openJournals } from '../journals/open-journals.ts';
import { crashToJson, newestExits } from '../journals/stored-crash.ts';
import { addJournalOptions, type JournalOptions, parseCount } from '../options/journal-options.ts';
import { crashTable } from '../render/crash-table.ts';
import { noApps } from '../render/empty-state.ts';
import { wrap } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { stateSentence } from '../render/state-sentence.ts';

type CrashesOptions = JournalOptions & { limit?: number };

const SHOWN = 20;

/** `crashmon crashes [app]`: every exit, its verdict and why. */
export function addCrashes(program: Command, context: CliContext): void {
  const command = program
    .command('crashes')
    .description('List exits, newest first: which counted as crashes and why')
    .argument('[app]', 'only this app')
    .option('--app <app>', 'same as the argument')
    .option('--limit <count>', `number of exits (default: ${SHOWN}; with --json all)`, parseCount)
    .addHelpText('after', '\nExamples:\n  crashmon crashes shop --limit 5\n  crashmon crashes --json');
  addJournalOptions(command).action((argument: string | undefined, options: CrashesOptions) => {
    const app = argument ?? options.app;
    using open = openJournals(app === undefined ? options : { ...options, app }, context);
    const limit = options.limit ?? (options.json ? Number.MAX_SAFE_INTEGER : SHOWN);
    const crashes = newestExits(open.journals, limit);
    if (options.json) context.stdout.write(jsonText(crashes.map(crashToJson)));
    else if (open.journals.length === 0) context.stdout.write(noApps(open));
    else if (crashes.length === 0) context.stdout.write(noExits(open, context));
    else context.stdout.write(`${crashTable(crashes, open.hint, context)}\n${states(open, context)}`);
  });
}

function noExits(open: OpenJournals, context: CliContext): string {
  return `No exits recorded yet.\n\n${states(open, context)}`;
}

/** The current state of each app. */
function states({ journals, host }: OpenJournals, context: CliContext): string {
  const now = context.now();
  const lines = journals.map((journal) => {
    const status = appStatus(journal, now, host);
    const sentence = stateSentence(status, context, now.wallMs);
    const text = `${line(journal.app)} on ${line(journal.instance)} is ${status.state}: ${sentence}.`;
    return wrap(text, { indent: '', columns: context.columns });
  });
  return `${lines.join('\n')}\n`;
}
