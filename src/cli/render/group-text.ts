import type { SignaturePart } from '../../signature/formed-signature.ts';
import type { Signature } from '../../signature/signature.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { colorsFor } from './colors.ts';
import { shortId } from './crash-table.ts';
import { unbroken, wrap } from './layout.ts';
import { line } from './safe-text.ts';

const UNKNOWN = 'Reported by an earlier version: a portal can have it in another group.';

/** The group of a crash, and why, or the command that explains why. @param isStored false: computed now */
export function groupText(
  { values, title, parts }: Signature,
  { id, explained, isStored }: { id: string; explained: boolean; isStored: boolean },
  hint: Hint,
  context: CliContext,
): string {
  const { dim } = colorsFor(context.env, context.isTTY);
  const how = explained ? '' : `; why: ${unbroken(hint('show', shortId(id), '--signature'))}`;
  const inside = { indent: '  ', columns: context.columns };
  const heading = wrap(`Group: ${line(title)}`, inside).trimStart();
  const doubt = isStored ? '' : `\n${wrap(UNKNOWN, inside)}`;
  const group = `${heading}\n${wrap(values.join(', ') + how, inside)}${doubt}`;
  if (!explained) return `\n${dim(group)}\n`;
  return [
    '',
    group,
    '',
    'How the group was formed (+ included, - left out):',
    ...parts.map((part) => partLine(part, context)),
    '',
  ].join('\n');
}

function partLine({ used, text, why }: SignaturePart, { columns }: CliContext): string {
  const words = wrap(`${line(text)}: ${line(why)}`, { indent: '      ', columns }).trimStart();
  return `  ${used ? '+' : '-'} ${words}`;
}
