import { noCaptureWords } from '../explain/no-capture-words.ts';
import { listPrivateLogs } from '../journal/private-log.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { Instant } from '../model/instant.ts';
import { type AppStatus, appStatus, crashesUntilArmed } from './app-status.ts';
import type { Hint } from './hint.ts';
import type { OpenJournals } from './open-journals.ts';
import { shortId } from './render/crash-table.ts';
import { line } from './render/safe-text.ts';
import { capturable } from './render/state-sentence.ts';
import type { StoredCrash } from './stored-crash.ts';

/** Why this exit has no report, and what would get one of the next. */
export function noReportOf(crash: StoredCrash, hint: Hint, now: Instant): CrashmonError {
  const id = shortId(crash.id);
  const log = listPrivateLogs(crash.journal.directory).some((kept) => kept.id === crash.id);
  const printed = log ? ` ${hint('logs', id)} prints what it said last.` : '';
  const outlook = outlookOf(appStatus(crash.journal, now), hint);
  return new CrashmonError('NO_REPORT', `No call stack of ${id}: ${reasonOf(crash)}.${printed} ${outlook}`);
}

/** Why there is no report at all. */
export function noReportYet({ journals, hint }: OpenJournals, now: Instant): CrashmonError {
  const outlooks = journals.map((journal) => outlookOf(appStatus(journal, now), hint));
  const rest =
    journals.length === 0
      ? `Start your app under crashmon: ${hint('run', '--', 'node', 'server.js')}`
      : outlooks.join(' ');
  return new CrashmonError('NO_REPORT', `No crash was captured yet. ${rest}`);
}

function reasonOf({ verdict, armed, captured, analysisProblem }: StoredCrash): string {
  if (analysisProblem !== null) return `the capture failed (${line(analysisProblem).replace(/\.$/, '')})`;
  if (!verdict.counted) return 'it was no crash';
  if (verdict.kind === 'oom-kill') return 'the kernel killed the worker, which leaves none';
  if (!armed) return 'the worker was not armed when it died';
  return captured
    ? 'it is still being worked out, try again in a moment'
    : 'the armed worker left no record of it';
}

function outlookOf(status: AppStatus, hint: Hint): string {
  const app = line(status.app);
  const arm = hint('arm', status.app);
  switch (status.state) {
    case 'watching': {
      if (status.noCapture !== null) {
        return `${app} is watched; no capture possible: ${noCaptureWords(status.noCapture)}.`;
      }
      const more = crashesUntilArmed(status);
      const arms = more === 1 ? '1 more crash arms it' : `${more} more crashes arm it`;
      return `${app} is watched: ${arms}, or ${arm} does at once.`;
    }
    case 'armed':
      if (status.noCapture !== null) {
        return `${app} is armed, but a crash like the last one cannot be captured: ${noCaptureWords(status.noCapture)}.`;
      }
      return `${app} is armed: ${capturable(status)} will be captured.`;
    case 'cooling-down':
      return `${app} is cooling down after a capture; ${arm} arms it all the same.`;
    case 'disabled':
      if (status.disabled !== null) return `For ${app} capturing is switched off: ${line(status.disabled)}`;
      return `${app} is disarmed by hand; ${arm} arms it.`;
  }
}
