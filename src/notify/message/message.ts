import type { StackLine } from './stack-view.ts';

export type Fact = { label: string; value: string };

export type StackSection = { heading: string; lines: readonly StackLine[] };

export type AdviceSection = {
  heading: string;
  text: string;
  steps: readonly string[];
  /** Documentation. */
  url: string | null;
};

export type DigestEntry = { title: string; text: string; isOver: boolean; url: string | null };

/**
 * The contents of a notification, the same for mail and chats: plain text in single lines, bounded, without terminal
 * control or bidirectional characters. The renderer escapes it for HTML or for a chat's markup.
 */
export type Message = {
  /** At most `MAX_SUBJECT` characters. */
  subject: string;
  /** `trouble` needs attention, `calm` does not. */
  tone: 'trouble' | 'calm';
  /** One or two words above the heading. */
  label: string;
  heading: string;
  paragraphs: readonly string[];
  facts: readonly Fact[];
  stacks: readonly StackSection[];
  /** Why there is no call stack, and how to get one. */
  noStack: string | null;
  advice: readonly AdviceSection[];
  entries: readonly DigestEntry[];
  link: { label: string; url: string } | null;
  settingsUrl: string | null;
  /** Why the recipient receives this. */
  footer: string;
};

export const MAX_SUBJECT = 120;
