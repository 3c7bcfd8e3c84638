import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import type { CliContext } from '../context.ts';
import { coloursFor } from './colours.ts';
import { unbroken, wrap } from './layout.ts';

/** What is known of crashes like this one: the best in full, others by their titles; '' where nothing is. */
export function knownCauseText([best, ...others]: readonly KnownCause[], context: CliContext): string {
  if (best === undefined) return '';
  const { bold } = coloursFor(context.env, context.isTTY);
  const paragraph = (text: string) => wrap(text, { indent: '  ', columns: context.columns });
  return [
    '',
    bold(`Known cause: ${best.title}`),
    paragraph(best.meaning),
    ...(others.length === 0
      ? []
      : [paragraph(`Fits as well: ${others.map(({ title }) => title).join('; ')}.`)]),
    ...(best.link === null ? [] : [`  ${unbroken(best.link)}`]),
    '',
  ].join('\n');
}
