import type { AdviceSection, DigestEntry, Fact, Message } from '../message/message.ts';
import { stackText } from '../message/stack-text.ts';
import type { StackLine } from '../message/stack-view.ts';

const WIDTH = 76;
const LABEL_WIDTH = 12;

/** The plain text of a mail: lines of at most 76 characters, except URLs and stacks. */
export function mailText(message: Message): string {
  const { heading, paragraphs, facts, stacks, noStack, advice, entries, link, settingsUrl, footer } = message;
  const blocks = [
    [...wrap(heading), '='.repeat(Math.min(WIDTH, [...heading].length))],
    ...paragraphs.map((paragraph) => wrap(paragraph)),
    ...entries.map(entryLines),
    ...stacks.map((stack) => [...wrap(stack.heading), '', ...stack.lines.flatMap(stackLine)]),
    noStack === null ? [] : wrap(noStack),
    ...advice.map(adviceLines),
    facts.flatMap(factLines),
    link === null ? [] : [`${link.label}:`, link.url],
    ['-- ', ...wrap(footer), ...(settingsUrl === null ? [] : ['Change or mute notifications:', settingsUrl])],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function stackLine(line: StackLine): string[] {
  const { text, place } = stackText(line);
  if (place === '') return [`  ${text}`];
  return text.length + place.length + 4 <= WIDTH
    ? [`  ${text}  ${place}`]
    : [`  ${text}`, `        ${place}`];
}

function adviceLines({ heading, text, steps, url }: AdviceSection): string[] {
  return [
    ...wrap(heading),
    ...wrap(text, '  '),
    ...steps.flatMap((step) => bullet(step)),
    ...(url === null ? [] : [`  ${url}`]),
  ];
}

function entryLines({ title, text, isOver, url }: DigestEntry): string[] {
  return [
    ...wrap(title),
    ...wrap(`${text}. ${isOver ? 'Over.' : 'May be ongoing.'}`, '  '),
    ...(url === null ? [] : [`  ${url}`]),
  ];
}

function factLines({ label, value }: Fact): string[] {
  const [first = '', ...rest] = wrap(value, ' '.repeat(LABEL_WIDTH));
  return [label.padEnd(LABEL_WIDTH) + first.trimStart(), ...rest];
}

function bullet(text: string): string[] {
  const [first = '', ...rest] = wrap(text, '    ');
  return [`  - ${first.trimStart()}`, ...rest];
}

/** Breaks at spaces only: a name or URL longer than a line stays whole. */
function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line !== indent && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
