import type { Command } from 'commander';
import type { Receipt } from '../../journal/receipts.ts';
import type { CliContext } from '../context.ts';
import { type CrashReceipt, receiptOf } from '../journals/crash-receipt.ts';
import { findCrash } from '../journals/find-crash.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { fieldsOf } from '../render/receipt-fields.ts';
import { receiptText } from '../render/receipt-text.ts';
import { jsonText } from '../render/safe-text.ts';
import { isoTime } from '../render/times.ts';
import { dumpsOf, whereIs } from '../sessions/find-dumps.ts';

/** `crashmon receipt ID`: what was sent about one crash. */
export function addReceipt(program: Command, context: CliContext): void {
  const command = program
    .command('receipt')
    .description('List what left this machine about a crash: each record as it was sent, when and where to')
    .argument('<id>', 'ID of the crash, or its first 4 or more digits')
    .addHelpText('after', '\nExamples:\n  crashmon receipt 3f2a91c4\n  crashmon receipt 3f2a91c4 --json');
  addJournalOptions(command).action(async (id: string, options: JournalOptions) => {
    using open = openJournals(options, context);
    const crash = findCrash(open, id);
    const dump = (await dumpsOf(open, context)).find(
      ({ facts, isStored }) => isStored && facts.crash === crash.id,
    );
    const receipt = receiptOf(crash, dump === undefined ? null : whereIs(dump));
    context.stdout.write(options.json ? jsonText(asJson(receipt)) : receiptText(receipt, context));
  });
}

/** The contract of `receipt --json`. */
function asJson({ crash, sent, counted, waiting, totals, isComplete, bucket }: CrashReceipt): object {
  return {
    id: crash.id,
    app: crash.journal.app,
    instance: crash.journal.instance,
    sent: sent.map((receipt) => ({
      ...headOf(receipt),
      fields: fieldsOf(receipt),
      content: receipt.content,
    })),
    counted: counted.map(headOf),
    waiting,
    dump: bucket,
    complete: isComplete,
    since: totals === null ? null : isoTime(totals.sinceMs),
    others: totals?.others ?? {},
  };
}

function headOf({ what, destination, firstAtMs, lastAtMs, times, bytes, outcome }: Receipt): object {
  return {
    what,
    destination,
    firstAt: isoTime(firstAtMs),
    lastAt: isoTime(lastAtMs),
    ...{ times, bytes, outcome },
  };
}
