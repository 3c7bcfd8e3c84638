import type { NotifyState } from '../../journal/documents.ts';
import type { Journal } from '../../journal/journal.ts';
import type { DeliveryRow } from '../../journal/notification-rows.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { Recipient } from '../../notify/deliver.ts';
import type { DeliveryAddress, DeliveryType, Outbox } from '../../notify/delivery-loop.ts';
import { subjectOf } from '../../notify/message/subject.ts';
import { type Attempt, claim, type Delivery, settle } from '../../notify/retry.ts';
import { delay } from '../../worker/delay.ts';
import { parseDelivery } from './delivery-rows.ts';
import { isOwnerAlive } from './owner.ts';
import { parseRecipient, recipientText } from './recipient-names.ts';
import { crashesOf, loadNotification } from './stored-notification.ts';

type JournalDelivery = DeliveryAddress & { row: DeliveryRow };

const BUSY = { times: 40, apartMs: 250 } as const;
const GONE: Attempt = { outcome: 'failed', why: 'The notification is no longer stored.' };
const REMOVED: Attempt = { outcome: 'failed', why: 'It is no longer a recipient.' };

/**
 * The journal's outbox. A delivery belongs to the process that claimed it; if that was killed, it is sent again
 * immediately: the same mail, with the same Message-ID.
 *
 * @param recipientOf by name; null if it is no longer a recipient
 * @param owner this process
 * @param said gets what became of deliveries
 */
export function journalOutbox(
  journal: Journal,
  recipientOf: (name: string) => Recipient | null,
  owner: string,
  said: NotifyState['said'],
): Outbox<JournalDelivery> {
  return {
    async claim({ type, limit, busy }) {
      const claimed: JournalDelivery[] = [];
      while (claimed.length < limit) {
        const row = await whileBusy(() =>
          journal.claimDelivery((open) => pickDue(open, owner, { type, busy })),
        );
        if (row === null) break;
        claimed.push({ ...parseRecipient(row.recipient), row });
      }
      return claimed;
    },
    async send({ row }, signal) {
      const notification = loadNotification(journal, row.notificationId);
      if (notification === null) return GONE;
      try {
        const recipient = recipientOf(row.recipient);
        if (recipient === null) return REMOVED;
        // Code that composes and sends mails is big, and usually there is nothing to send.
        const { deliver } = await import('../../notify/deliver.ts');
        const onLeaving = (content: string) => recordMessage(journal, row, recipient, content);
        const options = { nowMs: Date.now(), signal, onLeaving };
        return await deliver(notification, recipient, row.notificationId, options);
      } catch (error) {
        if (!(error instanceof CrashmonError)) throw error;
        // A wrong address or secret can be corrected.
        return { outcome: 'retry', why: error.message, retryAfterMs: null };
      }
    },
    async settle({ row }, result) {
      const { attempts } = parseDelivery(row);
      let after: Delivery | null = null;
      journal.settleDelivery(row.seq, (now) => {
        after = settle(parseDelivery(now), { attempt: attempts, result }, Date.now(), Math.random());
        const outcome = result.outcome === 'delivered' ? 'accepted' : result.why;
        return { document: JSON.stringify(after), owner: null, ended: after.endedMs !== null, outcome };
      });
      const sentence = after === null ? null : sentenceOf(journal, row, after);
      if (sentence !== null) said.push(sentence);
    },
    onTrouble() {},
  };
}

/** For `crashmon receipt`. It is sent also where that cannot be recorded. */
function recordMessage(journal: Journal, row: DeliveryRow, { type }: Recipient, content: string): void {
  const { notificationId: uid, recipient: destination } = row;
  const message = { uid, what: type, destination, content, source: null };
  try {
    journal.recordLeaving([{ ...message, ...crashesOf(journal, uid) }], { atMs: Date.now() });
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
  }
}

/** The agent writes to the same journal. */
async function whileBusy<Result>(work: () => Result): Promise<Result> {
  for (let time = 1; ; time++) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CrashmonError) || time === BUSY.times) throw error;
      await delay(BUSY.apartMs);
    }
  }
}

function pickDue(
  open: readonly DeliveryRow[],
  owner: string,
  { type, busy }: { type: DeliveryType; busy: ReadonlySet<string> },
): DeliveryRow | null {
  const nowMs = Date.now();
  for (const row of open) {
    const to = parseRecipient(row.recipient);
    if (to.type !== type || busy.has(to.address)) continue;
    const delivery = parseDelivery(row);
    const abandoned = delivery.state === 'sending' && row.owner !== null && !isOwnerAlive(row.owner);
    const claimed = claim(abandoned ? { ...delivery, dueMs: nowMs } : delivery, nowMs);
    if (claimed !== null) return { ...row, document: JSON.stringify(claimed), owner };
  }
  return null;
}

function sentenceOf(
  journal: Journal,
  { recipient, notificationId }: DeliveryRow,
  { state, attempts, problem }: Delivery,
): NotifyState['said'][number] | null {
  const who = recipientText(recipient);
  if (state === 'delivered') {
    const notification = loadNotification(journal, notificationId);
    return { problem: false, text: `${notification === null ? '' : subjectOf(notification)} (to ${who})` };
  }
  if (state === 'dead') return { problem: true, text: `A notification to ${who} was dropped. ${problem}` };
  if (state !== 'retry' || attempts !== 1) return null;
  return {
    problem: true,
    text: `A notification to ${who} could not be delivered yet; crashmon will retry. ${problem}`,
  };
}
