import { formatByteSize } from '../../formats/byte-size.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { Receipt } from '../../journal/receipts.ts';
import type { CliContext } from '../context.ts';
import type { CrashReceipt } from '../journals/crash-receipt.ts';
import { colorsFor } from './colors.ts';
import { wrap } from './layout.ts';
import { fieldsOf } from './receipt-fields.ts';
import { line } from './safe-text.ts';
import { localTime } from './times.ts';

const KINDS: Readonly<Record<string, string>> = {
  'app.crash': 'Record of the crash',
  'crashmon.capture': 'Report of the crash',
  'crashmon.back': 'Downtime after the crash',
  'crashmon.heartbeat': 'Part of heartbeats: that a dump is kept',
  dump: 'Dump, encrypted',
  mail: 'Mail',
  webhook: 'Message to a webhook',
  debuginfod: 'Question to debuginfod servers',
};

/** The receipt says what it was, and has neither a copy nor its size. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['dump', 'debuginfod']);

/** What was sent about a crash, field by field, and whether that is all. */
export function receiptText(receipt: CrashReceipt, context: CliContext): string {
  const { crash, sent, counted, bucket } = receipt;
  const { bold } = colorsFor(context.env, context.isTTY);
  const where = `${line(crash.journal.app)} on ${line(crash.journal.instance)}`;
  const heading = bold(`Receipt of crash ${crash.id}, ${where}`);
  const parts = sent.map((each, at) => partText(each, at + 1, context));
  const others = counted.map((each) =>
    paragraph(
      `${KINDS[each.what] ?? each.what} to ${line(each.destination)}, ${whenOf(each, context)}: it is in the number of crashes there, and nothing else of it.`,
      context,
    ),
  );
  const dump = bucket === null ? [] : [paragraph(`Its dump, encrypted, is in ${line(bucket)}.`, context)];
  return `${[heading, ...parts, ...others, ...dump, closing(receipt, context)].join('\n\n')}\n`;
}

function partText(receipt: Receipt, number: number, context: CliContext): string {
  const { what, destination, bytes } = receipt;
  const { bold } = colorsFor(context.env, context.isTTY);
  const fields = fieldsOf(receipt);
  const isText = fields.every(({ name, label }) => name === label && /^\d+$/.test(name));
  return [
    bold(`${number}. ${KINDS[what] ?? what}${WITHOUT_CONTENT.has(what) ? '' : ` (${sizeOf(bytes)})`}`),
    `  To    ${line(destination)}`,
    `  Sent  ${whenOf(receipt, context)}`,
    '',
    ...fields.map(({ label, value }) =>
      isText ? `    ${line(value)}`.trimEnd() : `    ${line(label)}: ${line(value)}`,
    ),
  ].join('\n');
}

function whenOf({ firstAtMs, lastAtMs, times, outcome }: Receipt, context: CliContext): string {
  const nowMs = context.now().wallMs;
  const at = localTime(lastAtMs, context, nowMs);
  const when = times === 1 ? at : `${times} times from ${localTime(firstAtMs, context, nowMs)} to ${at}`;
  return `${when}, ${outcome === null ? 'not confirmed: it may have arrived' : line(outcome)}`;
}

function closing(
  { sent, counted, waiting, totals, isComplete, bucket }: CrashReceipt,
  context: CliContext,
): string {
  const nothing = sent.length + counted.length === 0 && bucket === null;
  const sentences = [
    nothing
      ? 'Nothing about this crash left this machine through crashmon.'
      : 'Nothing else about this crash left this machine through crashmon.',
  ];
  if (!isComplete) {
    const doubt =
      'This may be incomplete: the crash is older than the receipts that are kept, or one could not be stored.';
    sentences.splice(0, 1, nothing ? `No receipt of this crash is stored. ${doubt}` : doubt);
  }
  if (waiting > 0) sentences.push(`Waiting to be sent: ${plural(waiting, 'record')}.`);
  const others = Object.entries(totals?.others ?? {});
  if (totals !== null && others.length > 0) {
    const list = others
      .map(([what, { count, bytes }]) => `${count} ${line(what)} (${sizeOf(bytes)})`)
      .join(', ');
    const since = localTime(totals.sinceMs, context, context.now().wallMs);
    sentences.push(`About no single crash, since ${since}: ${list}.`);
  }
  return sentences.map((sentence) => paragraph(sentence, context)).join('\n');
}

function paragraph(text: string, { columns }: CliContext): string {
  return wrap(text, { indent: '', columns });
}

function sizeOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : formatByteSize(bytes);
}
