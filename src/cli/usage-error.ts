import type { Command } from 'commander';
import { didYouMean } from './did-you-mean.ts';
import type { Hint } from './hint.ts';
import { line } from './render/safe-text.ts';

/** Longer names are cut, so that an error is one line. */
const SHOWN_CHARACTERS = 60;

/** Commander's usage error as one line with the next step. */
export function usageError(text: string, command: Command, hint: Hint): string {
  const message = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll(/'([^']*)'/g, (_, name: string) => `'${clip(name)}'`);
  const sentence = `${line(message.replaceAll(/\s*\n\s*/g, ' ')).replace(/\.$/, '')}.`;
  return `crashmon: ${clip(sentence, 10 * SHOWN_CHARACTERS)} ${nextStep(text, command, hint)}\n`;
}

function nextStep(text: string, command: Command, hint: Hint): string {
  const [, what, written = ''] = /unknown (command|option) '([^']*)'/.exec(text) ?? [];
  const candidates = what === 'command' ? verbNames(command) : what === 'option' ? optionNames(command) : [];
  const meant = didYouMean(written, candidates);
  if (meant !== null) return `Did you mean ${meant}?`;
  return `See ${hint(...pathOf(command), '--help')}`;
}

/** `['portal', 'backup']`; empty for crashmon itself. */
function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

function verbNames(program: Command): string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((verb) => verb.name());
}

function optionNames(command: Command): string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => long ?? []);
}

function clip(text: string, width = SHOWN_CHARACTERS): string {
  return text.length > width ? `${text.slice(0, width)}…` : text;
}
