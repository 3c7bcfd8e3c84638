import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import type { CliContext } from '../context.ts';
import { colorsFor } from './colors.ts';
import { unbroken, wrap } from './layout.ts';

/** The best known cause in full, the others by title; '' without one. */
export function knownCauseText([best, ...others]: readonly KnownCause[], context: CliContext): string {
  if (best === undefined) return '';
  const { bold } = colorsFor(context.env, context.isTTY);
  const paragraph = (text: string) => wrap(text, { indent: '  ', columns: context.columns });
  return [
    '',
    bold(`Known cause: ${best.title}`),
    paragraph(best.meaning),
    ...(others.length === 0
      ? []
      : [paragraph(`Also possible: ${others.map(({ title }) => title).join('; ')}.`)]),
    ...(best.link === null ? [] : [`  ${unbroken(best.link)}`]),
    '',
  ].join('\n');
}
