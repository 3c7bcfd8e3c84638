import type { CliContext } from '../context.ts';
import { type Hint, hintFor } from '../hint.ts';
import { colorsFor } from '../render/colors.ts';

export function whatLeft(context: CliContext): string {
  const { bold } = colorsFor(context.env, context.isTTY);
  return `\n${bold('Only this leaves the machine: no message, no email address of the customer.')}\n`;
}

/** If the demo keeps running. */
export function howToLook(link: string, shopUrl: string, context: CliContext): string {
  const { bold } = colorsFor(context.env, context.isTTY);
  return `The demo's portal received it from both instances. This link signs you in, once:

  ${bold(link)}

To crash the shop yourself, order a kettle at ${shopUrl}
`;
}

/** Without a terminal, the demo ends here. */
export function howToStay(again: Hint): string {
  return `The demo's portal received it from both instances, and stops now. To keep it running:

  ${again('demo', '--wait')}
`;
}

/** Commands to paste. */
export function whatNext(hint: Hint, context: CliContext): string {
  // The user's app does not use the demo's state directory.
  const own = hintFor({}, context);
  const rows = [
    [hint('show', '--app', 'shop', '--private'), 'with the message, which stays on this machine'],
    [hint('crashes'), 'every exit with its reason'],
    [own('portal'), 'the portal for your own apps'],
    [own('doctor', '--', 'node', 'server.js'), 'check whether it works for your app'],
    [own('run', '--', 'node', 'server.js'), 'run your app under crashmon'],
  ] as const;
  const width = Math.max(...rows.map(([verb]) => verb.length));
  return `\nTry next:\n${rows.map(([verb, what]) => `  ${verb.padEnd(width)}   ${what}\n`).join('')}`;
}
