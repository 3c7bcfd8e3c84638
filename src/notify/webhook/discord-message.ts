import type { Message, StackSection } from '../message/message.ts';
import { cut } from '../message/one-line.ts';
import { adviceText, entryText, inert, stackBlock } from './chat-text.ts';

/** Limits of Discord's embeds, in characters; an embed can have 6,000 in total. */
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 3600;
const MAX_FIELDS = 9;
const MAX_VALUE = 160;
const MAX_FOOTER = 300;
const MAX_STACK = 1600;
const MAX_STACKS = 2;

const COLORS = { trouble: 0xb3261e, calm: 0x1d7a46 } as const;

/** A message for Discord's webhooks: one embed without mentions. */
export function discordMessage(message: Message): object {
  const { heading, tone, facts, link, footer } = message;
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(escaped(heading), MAX_TITLE),
        ...(link === null ? {} : { url: link.url }),
        color: COLORS[tone],
        description: description(message),
        fields: facts.slice(0, MAX_FIELDS).map(({ label, value }) => ({
          name: label,
          value: cut(escaped(value), MAX_VALUE),
          inline: value.length <= 40,
        })),
        footer: { text: cut(inert(footer), MAX_FOOTER) },
      },
    ],
  };
}

/** As many whole parts as fit: a cut part could leave a code fence open. */
function description({ paragraphs, entries, stacks, noStack, advice }: Message): string {
  const parts = [
    ...paragraphs.map(escaped),
    ...entries.map((entry) => escaped(entryText(entry))),
    ...stacks.slice(0, MAX_STACKS).map(stackPart),
    ...(noStack === null ? [] : [escaped(noStack)]),
    ...advice.map((part) => escaped(adviceText(part))),
  ];
  let text = '';
  for (const part of parts) {
    if (text.length + part.length + 2 <= MAX_DESCRIPTION) text += text === '' ? part : `\n\n${part}`;
  }
  return text;
}

function stackPart({ heading, lines }: StackSection): string {
  const head = escaped(heading);
  return lines.length === 0 ? head : `${head}\n\`\`\`\n${stackBlock(lines, MAX_STACK)}\n\`\`\``;
}

function escaped(text: string): string {
  return inert(text).replaceAll(/[\\*_~`|[\]<>#]/g, '\\$&');
}
