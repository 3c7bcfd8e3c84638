import type { Command } from 'commander';
import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { knownCauses } from '../../explain/known-causes/known-causes.ts';
import { nextSteps } from '../../explain/next-steps.ts';
import { shownReport } from '../../explain/shown-report.ts';
import { listPrivateLogs, readPrivateLog } from '../../journal/private-log.ts';
import { type CrashFacts, factsOfExit } from '../../model/crash-facts.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { type Signature, signatureOf } from '../../signature/signature.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { findCrash, newestReported } from '../journals/find-crash.ts';
import { noReportOf, noReportYet } from '../journals/no-report.ts';
import { type OpenJournal, openJournals } from '../journals/open-journals.ts';
import { crashToJson, newestExits, type StoredCrash } from '../journals/stored-crash.ts';
import { storedReport } from '../journals/stored-report.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { groupText } from '../render/group-text.ts';
import { knownCauseText } from '../render/known-cause-text.ts';
import { bullet, wrap } from '../render/layout.ts';
import { nextStepsText } from '../render/next-steps.ts';
import { privateText } from '../render/private-text.ts';
import { reportText } from '../render/report-text.ts';
import { jsonText } from '../render/safe-text.ts';

/** Per app; older crashes do not explain what just happened. */
const EXITS_READ = 50;

type ShowOptions = JournalOptions & {
  all?: boolean;
  threads?: boolean;
  private?: boolean;
  signature?: boolean;
};

/** `crashmon show [id]`: the call stack of one crash. */
export function addShow(program: Command, context: CliContext): void {
  const command = program
    .command('show')
    .description('Show the call stack of a crash (default: the newest with a report)')
    .argument('[id]', 'ID of the crash, or its first 4 or more digits')
    .option('--app <app>', 'the newest crash of this app that has a report')
    .option('--all', 'do not fold frames that are not your code')
    .option('--threads', 'add the stacks of the other threads')
    .option('--private', 'add the private log: message, registers, memory addresses')
    .option('--signature', 'explain how the crash was grouped')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon show\n  crashmon show 3f2a91c4 --private\n  crashmon show --app shop --json',
    );
  addJournalOptions(command).action((id: string | undefined, options: ShowOptions) => {
    using open = openJournals(options, context);
    const crash = id === undefined ? newestExplained(open.journals) : findCrash(open, id);
    if (crash === null) throw noReportYet(open, context);
    const report = storedReport(crash);
    if (report === null) {
      const causes = causesOfExit(crash);
      if (causes.length === 0) throw noReportOf(crash, open.hint, context);
      context.stdout.write(
        options.json ? exitAsJson(crash, causes) : exitAsText(crash, causes, open.hint, context),
      );
      process.exitCode = 1;
      return;
    }
    context.stdout.write(
      options.json ? asJson(report, crash, options) : asText(report, crash, options, open.hint, context),
    );
  });
}

function asJson(report: RedactedReport, crash: StoredCrash, options: ShowOptions): string {
  const facts = { ...report, status: crash.status };
  const document = {
    ...shownReport(report),
    signature: signatureInJson(groupedAs(crash, facts), options.signature === true),
    knownCauses: knownCauses(facts),
  };
  if (!options.private) return jsonText(document);
  const text = readPrivateLog(crash.journal.directory, crash.id);
  return jsonText({ ...document, private: text === null ? null : { text } });
}

/** The newest crash with a report, else the newest whose exit alone shows the cause. */
function newestExplained(journals: readonly OpenJournal[]): StoredCrash | null {
  const exits = () => newestExits(journals, EXITS_READ);
  return newestReported(journals) ?? exits().find((exit) => causesOfExit(exit).length > 0) ?? null;
}

/** For a crash without a report: an OOM kill leaves none. */
function causesOfExit({ verdict, status }: StoredCrash): KnownCause[] {
  return verdict.kind === 'oom-kill' ? knownCauses(factsOfExit(verdict.kind, status)) : [];
}

function exitAsJson(crash: StoredCrash, causes: readonly KnownCause[]): string {
  return jsonText({ ...crashToJson(crash), kind: crash.verdict.kind, report: null, knownCauses: causes });
}

function exitAsText(
  crash: StoredCrash,
  causes: readonly KnownCause[],
  hint: Hint,
  context: CliContext,
): string {
  const { message } = noReportOf(crash, hint, context);
  const steps = causes.flatMap((cause) => cause.steps).map((step) => bullet(step, context.columns));
  const text = wrap(message, { indent: '', columns: context.columns });
  return `${text}\n${knownCauseText(causes, context)}\nNext:\n${steps.join('\n')}\n`;
}

/** As the portal groups it: a capture is also in the group of the crashes that only printed the same. */
function groupedAs(crash: StoredCrash, facts: CrashFacts): Signature {
  return { ...signatureOf(facts), ...crash.journal.reader.groupOf(crash.id) };
}

function signatureInJson({ values, title, parts }: Signature, explained: boolean): object {
  return explained ? { values, title, parts } : { values, title };
}

function asText(
  report: RedactedReport,
  crash: StoredCrash,
  options: ShowOptions,
  hint: Hint,
  context: CliContext,
): string {
  const { directory } = crash.journal;
  const facts = { ...report, status: crash.status };
  const steps = nextSteps(facts);
  const text = reportText(report, crash, options, hint, context) + knownCauseText(steps.knownCauses, context);
  const explained = options.signature === true;
  // An exit that does not count was never sent.
  const isStored = !crash.verdict.counted || crash.journal.reader.groupOf(crash.id) !== null;
  const group = groupText(groupedAs(crash, facts), { id: crash.id, explained, isStored }, hint, context);
  const log = listPrivateLogs(directory).find((candidate) => candidate.id === crash.id);
  const content = options.private ? readPrivateLog(directory, crash.id) : null;
  if (log === undefined || content === null) {
    return text + nextStepsText(steps, report, log !== undefined, hint, context) + group;
  }
  return `${text}${group}\nPrivate log (stays on this machine):\n\n${privateText(content, log.path)}`;
}
