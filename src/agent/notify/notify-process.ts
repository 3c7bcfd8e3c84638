import { joinJournal } from '../../journal/join-journal.ts';
import type { Journal } from '../../journal/journal.ts';
import { newDelivery } from '../../notify/retry.ts';
import { delay } from '../../worker/delay.ts';
import { isAlive } from '../../worker/process-info.ts';
import { deliverDue } from './deliver-due.ts';
import { nextDueMs } from './delivery-rows.ts';
import { followedNews } from './followed-news.ts';
import type { NotifyJob } from './notify-job.ts';
import { isOwnerAlive, ownerName } from './owner.ts';
import { type LocalEpisode, readNews } from './read-news.ts';
import { recipientNames } from './recipient-names.ts';
import { recipientOf } from './recipients.ts';
import { loadNotification, storeNotification } from './stored-notification.ts';

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
    notificationOf: (id) => loadNotification(journal, id),
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
    const news = unread.news.flatMap((row) => followedNews(row, instance) ?? []);
    const { episodes, notifications, wakeMs } = readNews(before, news, { app, nowMs, settings, newId });
    const context = { app, nowMs, timeZone, policy };
    const deliveries = recipientNames(notify).map((recipient) => ({
      recipient,
      document: JSON.stringify(newDelivery(nowMs)),
    }));
    const stored = journal.saveNewsStep(unread, {
      episodes: episodes.map((local) => ({ id: local.episode.id, document: JSON.stringify(local) })),
      notifications: notifications.map((each) => {
        const { id, notification } = storeNotification(journal, each, context);
        return { id, document: JSON.stringify(notification), deliveries };
      }),
    });
    if (stored && unread.news.length === 0) return wakeMs;
  }
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
