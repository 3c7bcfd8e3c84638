import type { StackLine } from './stack-view.ts';

export type Fact = { label: string; value: string };

export type StackSection = { heading: string; lines: readonly StackLine[] };

export type AdviceSection = {
  heading: string;
  text: string;
  steps: readonly string[];
  /** More about it. */
  url: string | null;
};

export type DigestEntry = { title: string; text: string; isOver: boolean; url: string | null };

/**
 * What a message says, the same for mail and chats: plain text in single lines, bounded, without anything that steers a
 * terminal or the direction of text. Escaping it for HTML or a chat's markup is up to who renders it.
 */
export type Story = {
  /** At most `MAX_SUBJECT` characters. */
  subject: string;
  /** `trouble` asks somebody to look, `calm` does not. */
  tone: 'trouble' | 'calm';
  /** One or two words above the heading. */
  label: string;
  heading: string;
  paragraphs: readonly string[];
  facts: readonly Fact[];
  stacks: readonly StackSection[];
  /** Why there is no call stack, and when there will be. */
  noStack: string | null;
  advice: readonly AdviceSection[];
  entries: readonly DigestEntry[];
  link: { label: string; url: string } | null;
  settingsUrl: string | null;
  /** Why somebody gets this. */
  footer: string;
};

export const MAX_SUBJECT = 120;
