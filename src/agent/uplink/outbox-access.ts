import type { Outgoing, PublicRecord } from '../../model/public-record.ts';
import { parsePublicRecord } from '../../privacy/publish-record.ts';
import type { OutboxAccess, Waiting } from '../../uplink/sender.ts';
import type { Memory } from '../memory.ts';

export type OutboxParts = {
  /** Address without secrets. */
  destination: string;
  now(): number;
  lossOf(count: number): Outgoing;
};

/** The journal's outbox for the sender: each row becomes a public record again, or is dropped. */
export function outboxAccess(memory: Memory, { destination, now, lossOf }: OutboxParts): OutboxAccess {
  let withoutReceipt = 0;
  const refused = (seqs: readonly number[]) =>
    memory.read((journal) => {
      journal.refused(seqs);
      return true;
    }) ?? false;
  return {
    refused,
    next(most) {
      const rows = memory.read((journal) => journal.waiting(most)) ?? [];
      const waiting: Waiting[] = [];
      for (const { seq, version, record: json, backAfterMs } of rows) {
        const record = publicRecord(json, backAfterMs);
        if (record === null) refused([seq]);
        else waiting.push({ seq, version, record });
      }
      return waiting;
    },
    leaving({ records, others }) {
      const leaving = records.map(({ crash, ...record }) => ({
        ...record,
        ...{ crashes: [crash], counted: null, destination },
      }));
      const isRecorded = memory.read((journal) => {
        journal.recordLeaving(leaving, { atMs: now(), others, withoutReceipt });
        return true;
      });
      withoutReceipt = isRecorded === true ? 0 : withoutReceipt + records.length;
    },
    delivered: (seqs) =>
      memory.read((journal) => {
        journal.delivered(seqs);
        // Only now: while nothing is delivered, each attempt would add a record of its own.
        journal.enqueueLoss(lossOf);
        return true;
      }) ?? false,
  };
}

function publicRecord(json: string, backAfterMs: number | null): PublicRecord | null {
  try {
    const record = parsePublicRecord(json);
    return record.type === 'crash' && backAfterMs !== null ? { ...record, backAfterMs } : record;
  } catch {
    return null;
  }
}
