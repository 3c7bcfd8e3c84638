import type { DigestEntry, Fact, Message, StackSection } from '../message/message.ts';
import { cut } from '../message/one-line.ts';
import { adviceText, entryText, inert, stackBlock } from './chat-text.ts';

/** Limits of Slack's blocks, in characters. */
const MAX_HEADER = 150;
const MAX_SECTION = 3000;
const MAX_FIELD = 2000;
const MAX_FIELDS = 10;
const MAX_STACKS = 2;
/** Slack allows 50 blocks; the rest is for the other parts. */
const MAX_ENTRIES = 20;

/**
 * A message for Slack's incoming webhooks, in Block Kit. Untrusted names are in plain text without markup; stacks are in
 * code blocks.
 */
export function slackMessage(message: Message): object {
  const { subject, heading, paragraphs, stacks, noStack, advice, entries, facts, link, settingsUrl, footer } =
    message;
  return {
    text: escaped(inert(subject)),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(heading, MAX_HEADER) },
      section(paragraphs.join('\n')),
      ...entries.slice(0, MAX_ENTRIES).map(entryBlock),
      ...stacks.slice(0, MAX_STACKS).flatMap(stackBlocks),
      ...(noStack === null ? [] : [section(noStack)]),
      ...advice.map((part) => section(adviceText(part))),
      ...(facts.length === 0 ? [] : [{ type: 'section', fields: facts.slice(0, MAX_FIELDS).map(field) }]),
      ...(link === null ? [] : [{ type: 'actions', elements: [button(link.label, link.url)] }]),
      {
        type: 'context',
        elements: [
          plain(footer, MAX_FIELD),
          ...(settingsUrl === null
            ? []
            : [{ type: 'mrkdwn', text: linked(settingsUrl, 'Change or mute notifications') }]),
        ],
      },
    ],
  };
}

function plain(text: string, max: number): object {
  return { type: 'plain_text', text: cut(inert(text), max), emoji: false };
}

function section(text: string): object {
  return { type: 'section', text: plain(text, MAX_SECTION) };
}

function entryBlock(entry: DigestEntry): object {
  const accessory = entry.url === null ? {} : { accessory: button('View crash', entry.url) };
  return { ...section(entryText(entry)), ...accessory };
}

function stackBlocks({ heading, lines }: StackSection): object[] {
  if (lines.length === 0) return [section(heading)];
  // Escaping can make it five times as long, and a cut would remove the closing fence.
  const code = escaped(stackBlock(lines, MAX_SECTION / 2));
  const bounded = code.length > MAX_SECTION - 10 ? escaped(stackBlock(lines, MAX_SECTION / 6)) : code;
  return [
    section(heading),
    { type: 'section', text: { type: 'mrkdwn', verbatim: true, text: `\`\`\`${bounded}\`\`\`` } },
  ];
}

function field({ label, value }: Fact): object {
  return plain(`${label}\n${value}`, MAX_FIELD);
}

function button(label: string, url: string): object {
  return { type: 'button', text: { type: 'plain_text', text: label, emoji: false }, url };
}

function linked(url: string, label: string): string {
  return `<${url.replaceAll(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;')}|${label}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
