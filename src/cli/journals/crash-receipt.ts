import type { ReceiptTotals } from '../../journal/documents.ts';
import type { Receipt } from '../../journal/receipts.ts';
import type { StoredCrash } from './stored-crash.ts';

/** What left this machine about a crash, from what was recorded when it was sent. */
export type CrashReceipt = {
  crash: StoredCrash;
  /** Those that describe it. */
  sent: Receipt[];
  /** Messages whose numbers include it, which say nothing else of it. */
  counted: Receipt[];
  /** Records about it that wait to be sent. */
  waiting: number;
  /** null if nothing was ever sent. */
  totals: ReceiptTotals | null;
  /** Can something have been sent that has no receipt any more, or never had one? */
  isComplete: boolean;
  /** Where its encrypted dump is in a bucket; null if it is in none. */
  bucket: string | null;
};

export function receiptOf(crash: StoredCrash, bucket: string | null): CrashReceipt {
  const { reader } = crash.journal;
  const diedAtMs = crash.diedAt.wallMs;
  const all = reader.receipts(crash.id, diedAtMs);
  const totals = reader.receiptTotals();
  const isAbout = ({ crashes }: Receipt) => crashes.includes(crash.id);
  const wasSentBefore =
    totals === null
      ? reader.uplinkState()?.lastSuccessMs != null
      : totals.isFromFirst !== true && diedAtMs < totals.sinceMs;
  return {
    crash,
    sent: all.filter(isAbout),
    counted: all.filter((receipt) => !isAbout(receipt)),
    waiting: reader.waitingAbout(crash.id),
    totals,
    isComplete:
      !wasSentBefore && diedAtMs > (totals?.deletedUntilMs ?? 0) && (totals?.withoutReceipt ?? 0) === 0,
    bucket,
  };
}
