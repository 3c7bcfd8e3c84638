import type { AdviceSection, DigestEntry } from '../message/message.ts';
import { stackText } from '../message/stack-text.ts';
import type { StackLine } from '../message/stack-view.ts';

/** Invisible separator. */
const APART = '\u200b';

/**
 * Text without active mentions, links or commands; it looks the same. Also applied to fields documented as plain text,
 * since services change.
 */
export function inert(text: string): string {
  return text
    .replaceAll(/@(?=\w)/g, `@${APART}`)
    .replaceAll(/<(?=[!@#:/]|a)/gi, `<${APART}`)
    .replaceAll('://', `:${APART}//`)
    .replaceAll('```', "'''");
}

/** A stack, one frame per line, within the length limit. */
export function stackBlock(lines: readonly StackLine[], maxLength: number): string {
  let block = '';
  for (const [at, line] of lines.entries()) {
    const { text, place } = stackText(line);
    const next = inert(place === '' ? text : `${text}  ${place}`).replaceAll('`', "'");
    const rest = `\n  … ${lines.length - at} more lines`;
    if (block.length + next.length + rest.length + 1 > maxLength) return block + rest;
    block += block === '' ? next : `\n${next}`;
  }
  return block;
}

export function adviceText({ heading, text, steps }: AdviceSection): string {
  return inert([heading, text, ...steps.map((step) => `• ${step}`)].join('\n'));
}

export function entryText({ title, text, isOver }: DigestEntry): string {
  return inert(`${title}\n${text}. ${isOver ? 'Over.' : 'May be ongoing.'}`);
}
