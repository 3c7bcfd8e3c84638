import type { Message, StackSection } from '../message/message.ts';
import { cut } from '../message/one-line.ts';
import { adviceText, entryText, inert, stackBlock } from './chat-text.ts';

/** Teams allows 28 KB, including the envelope of the workflow. */
const MAX_BYTES = 20 * 1024;
const MAX_TEXT = 1500;
const MAX_STACK = 3000;
const MAX_STACKS = 2;
const MAX_URL = 1000;

/**
 * An Adaptive Card for a workflow of Microsoft Teams ("when a webhook request is received"). All text is in text runs,
 * which have no markup.
 */
export function teamsMessage(message: Message): object {
  // Too long: drop the least important parts first.
  const whole = cardMessage(message);
  if (size(whole) <= MAX_BYTES) return whole;
  const shorter = cardMessage({
    ...message,
    stacks: message.stacks.slice(0, 1),
    entries: message.entries.slice(0, 8),
    facts: message.facts.slice(0, 4),
  });
  if (size(shorter) <= MAX_BYTES) return shorter;
  return cardMessage({
    ...message,
    stacks: [],
    entries: [],
    facts: [],
    advice: [],
    paragraphs: message.paragraphs.slice(0, 1),
  });
}

function size(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function cardMessage(message: Message): object {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: inert(message.subject),
    msteams: { width: 'Full' },
    body: bodyOf(message),
    actions: actionsOf(message),
  };
  return {
    type: 'message',
    summary: inert(message.subject),
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
    ],
  };
}

function bodyOf({
  tone,
  label,
  heading,
  paragraphs,
  entries,
  stacks,
  noStack,
  advice,
  facts,
  footer,
}: Message): object[] {
  const color = tone === 'trouble' ? 'Attention' : 'Good';
  return [
    line(label, { color: color, weight: 'Bolder', size: 'Small' }),
    line(heading, { weight: 'Bolder', size: 'Large' }, 'None'),
    ...paragraphs.map((paragraph) => line(paragraph)),
    ...entries.flatMap((entry) => lines(entryText(entry))),
    ...stacks.slice(0, MAX_STACKS).flatMap(stackLines),
    ...(noStack === null ? [] : [line(noStack, { isSubtle: true })]),
    ...advice.flatMap((part) => lines(adviceText(part))),
    ...facts.map(({ label: name, value }, at) =>
      line(`${name}: ${value}`, { isSubtle: true, size: 'Small' }, at === 0 ? 'Medium' : 'None'),
    ),
    line(footer, { isSubtle: true, size: 'Small' }, 'Medium'),
  ];
}

function stackLines({ heading, lines: stack }: StackSection): object[] {
  const rows = stack.length === 0 ? [] : stackBlock(stack, MAX_STACK).split('\n');
  return [
    line(heading, { weight: 'Bolder' }, 'Medium'),
    ...rows.map((row) =>
      line(
        row,
        {
          fontType: 'Monospace',
          size: 'Small',
          ...(row.startsWith('>') ? { weight: 'Bolder' } : { isSubtle: true }),
        },
        'None',
      ),
    ),
  ];
}

/** The first line is bold. */
function lines(text: string): object[] {
  return text
    .split('\n')
    .map((row, at) => (at === 0 ? line(row, { weight: 'Bolder' }, 'Medium') : line(row, {}, 'None')));
}

function line(text: string, style: object = {}, spacing = 'Default'): object {
  return {
    type: 'RichTextBlock',
    spacing,
    inlines: [{ type: 'TextRun', text: cut(inert(text), MAX_TEXT), ...style }],
  };
}

function actionsOf({ link, settingsUrl }: Message): object[] {
  const all = [
    link,
    settingsUrl === null ? null : { label: 'Change or mute notifications', url: settingsUrl },
  ];
  return all
    .filter((action) => action !== null && action.url.length <= MAX_URL)
    .map((action) => ({ type: 'Action.OpenUrl', title: action?.label, url: action?.url }));
}
