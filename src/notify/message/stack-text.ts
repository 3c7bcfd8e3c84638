import type { StackLine } from './stack-view.ts';

/** A stack line as text, with `> ` before the app's own frames. The place is separate, since it may not fit the line. */
export function stackText(line: StackLine): { text: string; place: string } {
  if (line.type === 'folded') return { text: `  ${line.text}`, place: '' };
  const { name, place, repeat, note, inApp } = line;
  const parts = [name, repeat, note === '' ? '' : `(${note})`].filter((part) => part !== '');
  return { text: `${inApp ? '> ' : '  '}${parts.join('  ')}`, place };
}
