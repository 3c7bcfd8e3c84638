import { html, type Interpolated } from '../../formats/html.ts';
import { unbrokenOptions } from '../../formats/unbroken-options.ts';

/** Advice, with each command-line option on one line. */
export function unbroken(text: string): Interpolated {
  return unbrokenOptions(text, (option) => html`<span class="nowrap">${option}</span>`);
}
