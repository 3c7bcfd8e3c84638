import type { CliContext } from '../context.ts';
import { type Hint, hintFor } from '../hint.ts';
import { colorsFor } from '../render/colors.ts';

/** What a reader of the report should have seen, and where else it is now. */
export function whatLeft(context: CliContext): string {
  const { bold } = colorsFor(context.env, context.isTTY);
  return `\n${bold('That is all that may leave the machine: no message, no e-mail address of the customer.')}\n`;
}

/** For who can look at the portal now. */
export function howToLook(link: string, shopUrl: string, context: CliContext): string {
  const { bold } = colorsFor(context.env, context.isTTY);
  return `The demo's portal has received it from both instances. This link signs you in, once:

  ${bold(link)}

To crash the shop yourself while you look: order a kettle at ${shopUrl}
`;
}

/** For who cannot: there is no terminal by which the demo could be ended. */
export function howToStay(again: Hint): string {
  return `The demo's portal has received it from both instances, and ends now. To look at it there:

  ${again('demo', '--wait')}
`;
}

/** Commands to be pasted, with what they are for. */
export function whatNext(hint: Hint, context: CliContext): string {
  // Your app has a state directory of its own.
  const own = hintFor({}, context);
  const rows = [
    [hint('show', '--private'), 'the message, which stays here'],
    [hint('crashes'), 'every exit with its reason'],
    [own('portal'), 'the portal for your own apps'],
    [own('doctor', '--', 'node', 'server.js'), 'will it work for your app?'],
    [own('run', '--', 'node', 'server.js'), 'run your app under crashmon'],
  ] as const;
  const width = Math.max(...rows.map(([verb]) => verb.length));
  return `\nTry next:\n${rows.map(([verb, what]) => `  ${verb.padEnd(width)}   ${what}\n`).join('')}`;
}
