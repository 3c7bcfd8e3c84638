import { joinJournal } from '../../journal/join-journal.ts';
import type { Journal } from '../../journal/journal.ts';
import type { NewsRow } from '../../journal/notification-rows.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { newDelivery } from '../../notify/retry.ts';
import { elapsedMs } from '../../policy/elapsed.ts';
import { monitorState } from '../../policy/monitor-state.ts';
import { parseRedactedReport } from '../../privacy/parse-redacted-report.ts';
import { captureUid, type PublicPolicy, publishCapture, publishCrash } from '../../privacy/publish-crash.ts';
import { delay } from '../../worker/delay.ts';
import { isAlive } from '../../worker/process-info.ts';
import { systemClock } from '../clock.ts';
import { groupOfExit } from '../group-crash.ts';
import { deliverDue } from './deliver-due.ts';
import { nextDueMs } from './delivery-rows.ts';
import type { LocalEpisode } from './local-episode.ts';
import type { NotifyJob } from './notify-job.ts';
import { isOwnerAlive, ownerName } from './owner.ts';
import { type News, readNews } from './read-news.ts';
import { recipientNames } from './recipient-names.ts';
import { recipientOf } from './recipients.ts';
import {
  loadNotification,
  notificationId,
  type StoredNotification,
  storeNotification,
} from './stored-notification.ts';

/** Who ends before leaves the rest to the next one. */
const MOST_MS = 9 * 60_000;
/** How far ahead something is to be told that is worth staying for when crashmon has ended. */
const STAY_MS = 150_000;
const LOOK_AGAIN_MS = 2_000;
/** Others rely on it that who stays looks for so long (`TELLER_LOOKS_MS`). */
const LEAST_STAY_MS = 10_000;

/**
 * Tells people: reads the news that the agent and the analyses left in the journal, decides what is to be told, and
 * sends it. Runs as a process of its own, so that the agent needs nothing of what sends mails; may be killed at any
 * point and run again, and beside another one.
 */
async function tellPeople(job: NotifyJob): Promise<void> {
  using journal = joinJournal(job.directory);
  const until = Date.now() + MOST_MS;
  const stayUntil = Date.now() + LEAST_STAY_MS;
  if (job.successorOf !== null) {
    journal.saveNotifier({ owner: ownerName(process.pid), sinceMs: Date.now() });
  }
  for (;;) {
    const wakeMs = await look(journal, job, AbortSignal.timeout(Math.max(1, until - Date.now())));
    const waitMs = wakeMs === null ? Number.POSITIVE_INFINITY : wakeMs - Date.now();
    if (job.successorOf === null || Date.now() > until) return;
    const isOver = waitMs > STAY_MS || hasSuccessor(journal, job.successorOf);
    if (isOver && Date.now() >= stayUntil) return;
    await delay(Math.min(Math.max(waitMs, 100), LOOK_AGAIN_MS));
  }
}

/** @returns when there is something to do again at the earliest */
async function look(journal: Journal, job: NotifyJob, signal: AbortSignal): Promise<number | null> {
  const episodesWakeMs = readAll(journal, job);
  const said = await deliverDue({
    journal,
    recipientOf: (name) => recipientOf(name, job.notify, job.secrets),
    notificationOf(id) {
      const text = journal.notification(id);
      return text === null
        ? null
        : loadNotification(JSON.parse(text) as StoredNotification, (report) => readReport(journal, report));
    },
    self: ownerName(process.pid),
    isAlive: isOwnerAlive,
    signal,
  });
  const wakes = [episodesWakeMs, nextDueMs(journal.deliveries())].filter((wakeMs) => wakeMs !== null);
  const wakeMs = wakes.length === 0 ? null : Math.min(...wakes);
  journal.saveNotifyState({ wakeMs, said });
  return wakeMs;
}

function readAll(journal: Journal, { app, instance, notify, policy }: NotifyJob): number | null {
  const settings = { quietMs: notify.quietMs, stackGraceMs: notify.waitMs };
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (;;) {
    const nowMs = Date.now();
    const unread = journal.unreadNews();
    const before = unread.episodes.map((text) => JSON.parse(text) as LocalEpisode);
    const publicPolicy = policyNow(journal, policy);
    const news = unread.news.flatMap((row) => toNews(row, publicPolicy));
    const { episodes, tellings, wakeMs } = readNews(before, news, { app, instance, nowMs, settings, newId });
    const context = { app, instance, nowMs, timeZone, backAfterMs: (id: string) => backAfter(journal, id) };
    const stored = journal.saveNewsStep(unread, {
      episodes: episodes.map((local) => ({ id: local.episode.id, document: JSON.stringify(local) })),
      notifications: tellings.map((telling) => ({
        id: notificationId(telling),
        document: JSON.stringify(storeNotification(telling, context)),
        deliveries: recipientNames(notify).map((recipient) => ({
          recipient,
          document: JSON.stringify(newDelivery(nowMs)),
        })),
      })),
    });
    if (stored && unread.news.length === 0) return wakeMs;
  }
}

/** The public record of a crash or a capture; none where its exit or report is no longer stored. */
function toNews({ uid, version, exit, report }: NewsRow, policy: PublicPolicy): News[] {
  if (exit === null) return [];
  try {
    if (uid === captureUid(exit)) {
      if (report === null) return [];
      const { json, signatures, title } = report;
      const value = parseRedactedReport(JSON.parse(json));
      return [{ version, record: publishCapture(exit, value, { signatures, title }) }];
    }
    const record = publishCrash(exit, elapsedMs(exit.startedAt, exit.diedAt), policy, groupOfExit);
    return record === null ? [] : [{ version, record }];
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    // Stored by another version of crashmon.
    return [];
  }
}

/** What a message says about the next crash. */
function policyNow(journal: Journal, settings: PolicySettings): PublicPolicy {
  const input = { settings, state: journal.policyState(), disabled: false };
  const { state, noCapture } = monitorState(input, systemClock()());
  return { settings, state, noCapture };
}

function readReport(journal: Journal, id: string): RedactedReport | null {
  const text = journal.report(id);
  try {
    return text === null ? null : parseRedactedReport(JSON.parse(text));
  } catch {
    return null;
  }
}

function backAfter(journal: Journal, runId: string): number | null {
  const [ended] = journal.exitsByPrefix(runId);
  const next = journal.nextStart(runId);
  return ended === undefined || next === null ? null : Math.max(0, elapsedMs(ended.diedAt, next));
}

/** Did another crashmon of this instance start? It tells people then. */
function hasSuccessor(journal: Journal, predecessor: number): boolean {
  const agent = journal.agent();
  if (agent === null || agent.pid === predecessor) return false;
  return agent.startTicks === null || isAlive(agent.pid, agent.startTicks);
}

function newId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

let text = '';
for await (const chunk of process.stdin) text += chunk;
await tellPeople(JSON.parse(text) as NotifyJob);
