import type { NotifyState } from '../../journal/documents.ts';
import type { Journal } from '../../journal/journal.ts';
import type { DeliveryRow } from '../../journal/notification-rows.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { Recipient } from '../../notify/deliver.ts';
import { subjectOf } from '../../notify/message/subject.ts';
import type { CrashNotification } from '../../notify/notification.ts';
import { type Attempt, claim, type Delivery, settle } from '../../notify/retry.ts';
import { delay } from '../../worker/delay.ts';
import { parseDelivery } from './delivery-rows.ts';
import { recipientText } from './recipient-names.ts';

type DeliverDueParts = {
  journal: Journal;
  /** By name; null where nobody of that name is told any more. */
  recipientOf: (name: string) => Recipient | null;
  notificationOf: (id: string) => CrashNotification | null;
  /** How this process calls itself, and whether one that called itself so is alive. */
  self: string;
  isAlive: (owner: string) => boolean;
  signal: AbortSignal;
};

/** So often, and so far apart, a receipt is tried to be written down where the journal is busy. */
const NOTES = { times: 40, apartMs: 250 };

/**
 * Sends what is due, one after the other. A delivery that is being sent belongs to the process that claimed it; where
 * that was killed nobody knows how far it came, and it is sent again: the same mail, with the same Message-ID.
 */
export async function deliverDue(parts: DeliverDueParts): Promise<NotifyState['said']> {
  const { journal, self, isAlive, signal } = parts;
  const said: NotifyState['said'] = [];
  for (;;) {
    if (signal.aborted) return said;
    const row = await noted(() => journal.claimDelivery((open) => pickDue(open, self, isAlive)));
    if (row === null) return said;
    const notification = parts.notificationOf(row.notificationId);
    const result = notification === null ? GONE : await attempt(parts, row, notification);
    const { attempts } = parseDelivery(row);
    let after = parseDelivery(row);
    await noted(() =>
      journal.settleDelivery(row.seq, (now) => {
        after = settle(parseDelivery(now), { attempt: attempts, result }, Date.now(), Math.random());
        const ended = after.state === 'delivered' || after.state === 'dead';
        return { document: JSON.stringify(after), owner: null, ended };
      }),
    );
    const words = sentence(row.recipient, notification, after);
    if (words !== null) said.push(words);
  }
}

function pickDue(
  open: readonly DeliveryRow[],
  self: string,
  isAlive: (owner: string) => boolean,
): DeliveryRow | null {
  const nowMs = Date.now();
  for (const row of open) {
    const delivery = parseDelivery(row);
    const abandoned = delivery.state === 'sending' && row.owner !== null && !isAlive(row.owner);
    const claimed = claim(abandoned ? { ...delivery, dueMs: nowMs } : delivery, nowMs);
    if (claimed !== null) return { ...row, document: JSON.stringify(claimed), owner: self };
  }
  return null;
}

const GONE: Attempt = { outcome: 'failed', why: 'What was to be told is gone.' };
const NOT_ASKED: Attempt = { outcome: 'failed', why: 'Crashmon is not told to send there any more.' };

async function attempt(
  parts: DeliverDueParts,
  row: DeliveryRow,
  notification: CrashNotification,
): Promise<Attempt> {
  try {
    const recipient = parts.recipientOf(row.recipient);
    if (recipient === null) return NOT_ASKED;
    const options = { nowMs: Date.now(), signal: parts.signal };
    // What writes and sends mails is big, and most looks have nothing to send.
    const { deliver } = await import('../../notify/deliver.ts');
    return await deliver(notification, recipient, row.notificationId, options);
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    // A wrong address or secret can be corrected.
    return { outcome: 'retry', why: error.message, retryAfterMs: null };
  }
}

function sentence(
  recipient: string,
  notification: CrashNotification | null,
  { state, attempts, problem }: Delivery,
): NotifyState['said'][number] | null {
  const who = recipientText(recipient);
  if (state === 'delivered') {
    return { problem: false, text: `${notification === null ? '' : subjectOf(notification)} (to ${who})` };
  }
  if (state === 'dead') return { problem: true, text: `A notification to ${who} was dropped. ${problem}` };
  if (state !== 'retry' || attempts !== 1) return null;
  return {
    problem: true,
    text: `A notification to ${who} could not be delivered yet; crashmon will retry. ${problem}`,
  };
}

/** The agent writes to the same journal: retry while it is busy. */
async function noted<Result>(operation: () => Result): Promise<Result> {
  for (let time = 1; ; time++) {
    try {
      return operation();
    } catch (error) {
      if (!(error instanceof CrashmonError) || time === NOTES.times) throw error;
      await delay(NOTES.apartMs);
    }
  }
}
