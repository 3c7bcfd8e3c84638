import { InvalidArgumentError } from 'commander';
import { parseMailbox } from '../../notify/mail/mailbox.ts';

/** One or more, separated by commas. @throws Error for an invalid address */
export function mailboxes(text: string, before: readonly string[] = []): string[] {
  const more = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const address of more) parseMailbox(address);
  return [...before, ...more];
}

/** The same for a repeatable option: commander adds its name to the error. */
export function mailboxesValue(text: string, before?: string[]): string[] {
  return asValue(() => mailboxes(text, before));
}

export function mailboxValue(text: string): string {
  return asValue(() => {
    parseMailbox(text);
    return text;
  });
}

function asValue<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
