import type { NotifyState } from '../../journal/documents.ts';
import { joinJournal } from '../../journal/join-journal.ts';
import type { Journal } from '../../journal/journal.ts';
import { DeliveryLoop } from '../../notify/delivery-loop.ts';
import { newDelivery } from '../../notify/retry.ts';
import { delay } from '../../worker/delay.ts';
import { isAlive } from '../../worker/process-info.ts';
import { nextDueMs } from './delivery-rows.ts';
import { followedNews } from './followed-news.ts';
import { journalOutbox } from './journal-outbox.ts';
import type { NotifyJob } from './notify-job.ts';
import { ownerName } from './owner.ts';
import { type LocalEpisode, readNews } from './read-news.ts';
import { recipientNames } from './recipient-names.ts';
import { recipientOf } from './recipients.ts';
import { storeNotification } from './stored-notification.ts';

/** The next notifier continues after this time. */
const MOST_MS = 9 * 60_000;
/** After crashmon has ended: what is due within this time is waited for. */
const STAY_MS = 150_000;
const CHECK_AGAIN_MS = 2_000;
/** At least; `agent-notify` relies on it (`NOTIFIER_RUNS_MS`). */
const LEAST_STAY_MS = 10_000;
/** A small mail server may allow a sender one connection. */
const ONE_AT_A_TIME = { mail: 1, webhook: 1 } as const;

/**
 * The notifier: reads the news in the journal, decides on notifications, and sends them. A separate process, so that the
 * agent holds no mail code. It can be killed at any point and run again, also beside another one.
 */
async function notify(job: NotifyJob): Promise<void> {
  using journal = joinJournal(job.directory);
  const until = Date.now() + MOST_MS;
  const stayUntil = Date.now() + LEAST_STAY_MS;
  for (;;) {
    const wakeMs = await readAndSend(journal, job, AbortSignal.timeout(Math.max(1, until - Date.now())));
    const waitMs = wakeMs === null ? Number.POSITIVE_INFINITY : wakeMs - Date.now();
    if (job.successorOf === null || Date.now() > until) return;
    const isOver = waitMs > STAY_MS || hasSuccessor(journal, job.successorOf);
    if (isOver && Date.now() >= stayUntil) return;
    await delay(Math.min(Math.max(waitMs, 100), CHECK_AGAIN_MS));
  }
}

/** @returns when there is something to do again at the earliest */
async function readAndSend(journal: Journal, job: NotifyJob, signal: AbortSignal): Promise<number | null> {
  const episodesWakeMs = readNewsOf(journal, job);
  const said: NotifyState['said'] = [];
  const outbox = journalOutbox(
    journal,
    (name) => recipientOf(name, job.notify, job.secrets),
    ownerName(process.pid),
    said,
  );
  await new DeliveryLoop(outbox, ONE_AT_A_TIME, { over: signal, cut: signal }).drain();
  const wakes = [episodesWakeMs, nextDueMs(journal.deliveries())].filter((wakeMs) => wakeMs !== null);
  const wakeMs = wakes.length === 0 ? null : Math.min(...wakes);
  journal.saveNotifyState({ wakeMs, said });
  return wakeMs;
}

function readNewsOf(journal: Journal, { app, instance, notify, policy }: NotifyJob): number | null {
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

/** Did another crashmon of this instance start? It sends notifications then. */
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
await notify(JSON.parse(text) as NotifyJob);
