import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { problemWords } from '../../explain/problem-words.ts';
import { listPrivateLogs } from '../../journal/private-log.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { Instant } from '../../model/instant.ts';
import type { Hint } from '../hint.ts';
import { shortId } from '../render/crash-table.ts';
import { line } from '../render/safe-text.ts';
import { captureOutlook } from '../render/state-sentence.ts';
import { type AppStatus, appStatus, crashesUntilArmed } from './app-status.ts';
import type { OpenJournals } from './open-journals.ts';
import type { StoredCrash } from './stored-crash.ts';

/** Why this exit has no report, and how to get one for the next. */
export function noReportOf(crash: StoredCrash, hint: Hint, now: Instant): CrashmonError {
  const id = shortId(crash.id);
  const log = listPrivateLogs(crash.journal.directory).some((kept) => kept.id === crash.id);
  const printed = log ? ` ${hint('logs', id)} prints its last output.` : '';
  const outlook = outlookOf(appStatus(crash.journal, now), hint);
  return new CrashmonError('NO_REPORT', `No call stack for ${id}: ${reasonOf(crash)}.${printed} ${outlook}`);
}

/** Why there is no report at all. */
export function noReportYet({ journals, hint }: OpenJournals, now: Instant): CrashmonError {
  const outlooks = journals.map((journal) => outlookOf(appStatus(journal, now), hint));
  const rest =
    journals.length === 0
      ? `Run your app under crashmon: ${hint('run', '--', 'node', 'server.js')}`
      : outlooks.join(' ');
  return new CrashmonError('NO_REPORT', `No crash was captured yet. ${rest}`);
}

function reasonOf({ verdict, armed, captured, analysisProblem }: StoredCrash): string {
  if (analysisProblem !== null)
    return `the capture failed (${problemWords(analysisProblem).replace(/\.$/, '')})`;
  if (!verdict.counted) return 'it was not a crash';
  if (verdict.kind === 'oom-kill') return 'an OOM kill leaves no call stack';
  if (!armed) return 'the worker was not armed';
  return captured
    ? 'the analysis is still running, try again in a moment'
    : 'the armed worker left no record of the crash';
}

function outlookOf(status: AppStatus, hint: Hint): string {
  const app = line(status.app);
  const arm = hint('arm', status.app);
  switch (status.state) {
    case 'watching': {
      if (status.noCapture !== null) {
        return `${app} is watching; no capture possible: ${noCaptureWords(status.noCapture)}.`;
      }
      const more = crashesUntilArmed(status);
      const arms = more === 1 ? '1 more crash will arm it' : `${more} more crashes will arm it`;
      return `${app} is watching: ${arms}. To arm it now: ${arm}`;
    }
    case 'armed':
      if (status.noCapture !== null) {
        return `${app} is armed, but a crash like the last one cannot be captured: ${noCaptureWords(status.noCapture)}.`;
      }
      return `${app} is armed: ${captureOutlook(status)}.`;
    case 'cooling-down':
      return `${app} is cooling down after a capture. To arm it now: ${arm}`;
    case 'disabled':
      if (status.disabled !== null) return `Capturing is switched off for ${app}: ${line(status.disabled)}`;
      return `${app} is disarmed manually. To arm it: ${arm}`;
  }
}
