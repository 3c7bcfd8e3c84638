import { cut } from '../story/one-line.ts';
import type { StackSection, Story } from '../story/story.ts';
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
export function teamsMessage(story: Story): object {
  // Too long: drop the least important parts first.
  const whole = message(story);
  if (size(whole) <= MAX_BYTES) return whole;
  const shorter = message({
    ...story,
    stacks: story.stacks.slice(0, 1),
    entries: story.entries.slice(0, 8),
    facts: story.facts.slice(0, 4),
  });
  if (size(shorter) <= MAX_BYTES) return shorter;
  return message({
    ...story,
    stacks: [],
    entries: [],
    facts: [],
    advice: [],
    paragraphs: story.paragraphs.slice(0, 1),
  });
}

function size(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function message(story: Story): object {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: inert(story.subject),
    msteams: { width: 'Full' },
    body: bodyOf(story),
    actions: actionsOf(story),
  };
  return {
    type: 'message',
    summary: inert(story.subject),
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
}: Story): object[] {
  const colour = tone === 'trouble' ? 'Attention' : 'Good';
  return [
    line(label, { color: colour, weight: 'Bolder', size: 'Small' }),
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

function actionsOf({ link, settingsUrl }: Story): object[] {
  const all = [
    link,
    settingsUrl === null ? null : { label: 'Change or mute notifications', url: settingsUrl },
  ];
  return all
    .filter((action) => action !== null && action.url.length <= MAX_URL)
    .map((action) => ({ type: 'Action.OpenUrl', title: action?.label, url: action?.url }));
}
