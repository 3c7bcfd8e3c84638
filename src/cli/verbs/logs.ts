import type { Command } from 'commander';
import { listPrivateLogs, readPrivateLog } from '../../journal/private-log.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { isIdPrefix } from '../journals/find-crash.ts';
import type { KeptLog } from '../journals/kept-log.ts';
import { clipped, listed, type OpenJournals, openJournals, watchedApps } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { noApps } from '../render/empty-state.ts';
import { logList } from '../render/log-list.ts';
import { privateText } from '../render/private-text.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { isoTime } from '../render/times.ts';

type LogsOptions = JournalOptions & { path?: boolean };

/** `crashmon logs [app|id]`: the private logs, which contain the exception messages. */
export function addLogs(program: Command, context: CliContext): void {
  const command = program
    .command('logs')
    .description('List the private logs (exception messages; they never leave this machine), or print one')
    .argument('[app|id]', 'list only this app, or print the log of this crash')
    .option('--app <app>', 'only this app')
    .option('--path', 'print paths only')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon logs\n  crashmon logs 3f2a91c4\n  crashmon logs shop --path',
    );
  addJournalOptions(command).action((what: string | undefined, options: LogsOptions) => {
    using open = openJournals(options, context);
    const selected = select(open, what);
    if ('id' in selected) context.stdout.write(oneLog(selected, options));
    else if (options.json) context.stdout.write(jsonText(selected.logs.map(toJson)));
    else if (options.path) context.stdout.write(selected.logs.map(({ path }) => `${path}\n`).join(''));
    else if (open.journals.length === 0) context.stdout.write(noApps(open));
    else context.stdout.write(logList(selected.logs, open.hint, context));
  });
}

/** An app name takes precedence over an ID: `cafe` can be both. */
function select(
  { journals, host, hint }: OpenJournals,
  what: string | undefined,
): { logs: KeptLog[] } | KeptLog {
  const ofApp = what === undefined ? journals : journals.filter(({ app }) => app === what);
  const logs = (ofApp.length > 0 ? ofApp : journals)
    .flatMap((journal) => listPrivateLogs(journal.directory).map((log) => ({ ...log, journal })))
    .sort((one, other) => other.diedAtMs - one.diedAtMs);
  if (what === undefined || ofApp.length > 0) return { logs };
  if (watchedApps(host).includes(what)) return { logs: [] };
  if (what === '') throw new CrashmonError('BAD_OPTION', 'The app name or crash ID is empty.');
  if (!isIdPrefix(what)) {
    const known = listed(journals.map(({ app }) => app)) || 'none yet';
    throw new CrashmonError('NO_SUCH_APP', line(`No app named ${clipped(what)}; apps: ${known}.`));
  }
  const [first, second] = logs.filter(({ id }) => id.startsWith(what));
  if (first === undefined) {
    throw new CrashmonError(
      'NO_SUCH_CRASH',
      `No private log for ${what}. To list private logs: ${hint('logs')}`,
    );
  }
  if (second === undefined) return first;
  throw new CrashmonError('NO_SUCH_CRASH', `Several crash IDs begin with ${what}: give more digits.`);
}

function oneLog(log: KeptLog, options: LogsOptions): string {
  if (options.path) return `${log.path}\n`;
  const text = readPrivateLog(log.journal.directory, log.id) ?? '';
  return options.json ? jsonText({ ...toJson(log), text }) : privateText(text, log.path);
}

function toJson({ id, journal, diedAtMs, path, sizeBytes, captured }: KeptLog): object {
  const { app, instance } = journal;
  return { id, app, instance, diedAt: isoTime(diedAtMs), captured, path, sizeBytes };
}
