import { whyNoStack } from '../../explain/no-stack.ts';
import { outlook } from '../../explain/outlook.ts';
import { problemWords } from '../../explain/problem-words.ts';
import { listPrivateLogs } from '../../journal/private-log.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { shortId } from '../render/crash-table.ts';
import { line } from '../render/safe-text.ts';
import { captureOutlook } from '../render/state-sentence.ts';
import { localTime } from '../render/times.ts';
import { type AppStatus, appStatus, settingsOf } from './app-status.ts';
import { type OpenJournals, watchedApps } from './open-journals.ts';
import type { StoredCrash } from './stored-crash.ts';

/** Why this exit has no report, and how to get one for the next. */
export function noReportOf(crash: StoredCrash, hint: Hint, context: CliContext): CrashmonError {
  const id = shortId(crash.id);
  const log = listPrivateLogs(crash.journal.directory).some((kept) => kept.id === crash.id);
  const printed = log ? ` ${hint('logs', id)} prints its last output.` : '';
  const next = outlookOf(appStatus(crash.journal, context.now()), hint, context);
  return new CrashmonError('NO_REPORT', `No call stack for ${id}. ${reasonOf(crash)}${printed} ${next}`);
}

/** Why there is no report at all. */
export function noReportYet({ journals, host, hint }: OpenJournals, context: CliContext): CrashmonError {
  const [only, ...others] = journals;
  const next =
    only !== undefined && others.length === 0
      ? outlookOf(appStatus(only, context.now(), host), hint, context)
      : only !== undefined || watchedApps(host).length > 0
        ? `How far each app is from a capture: ${hint('status')}`
        : `Run your app under crashmon: ${hint('run', '--', 'node', 'server.js')}`;
  return new CrashmonError('NO_REPORT', `No crash has a call stack yet. ${next}`);
}

function reasonOf(crash: StoredCrash): string {
  const { verdict, analysisProblem, journal } = crash;
  if (analysisProblem !== null) return `The capture failed: ${problemWords(analysisProblem)}`;
  if (!verdict.counted) return 'It was not a crash.';
  const facts = { ...crash, kind: verdict.kind, hasReport: false, settings: settingsOf(journal.reader) };
  return whyNoStack(facts);
}

function outlookOf(status: AppStatus, hint: Hint, { timeZone, now }: CliContext): string {
  if (status.disabled !== null)
    return `Capture is disabled for ${line(status.app)}: ${line(status.disabled)}`;
  const words = outlook(status, {
    name: line(status.app),
    where: `of ${line(status.app)}`,
    captures: captureOutlook(status),
    time: (atMs) => localTime(atMs, { timeZone }, now().wallMs),
  });
  const isArmable = status.state !== 'armed' && (status.state !== 'watching' || status.noCapture === null);
  return isArmable ? `${words} To arm ${line(status.app)} now: ${hint('arm', status.app)}` : words;
}
