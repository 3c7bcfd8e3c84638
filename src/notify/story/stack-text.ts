import type { StackLine } from './stack-view.ts';

/** A line of a stack as text: `> ` before the app's own, and the place apart, for where it does not fit beside. */
export function stackText(line: StackLine): { text: string; place: string } {
  if (line.type === 'folded') return { text: `  ${line.text}`, place: '' };
  const { name, place, repeat, note, inApp } = line;
  const parts = [name, repeat, note === '' ? '' : `(${note})`].filter((part) => part !== '');
  return { text: `${inApp ? '> ' : '  '}${parts.join('  ')}`, place };
}
