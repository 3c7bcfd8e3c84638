import { InvalidArgumentError } from 'commander';
import { parseMailbox } from '../../notify/mail/mailbox.ts';

/** One, or several with commas between them. @throws Error that says what is wrong with one */
export function mailboxes(text: string, before: readonly string[] = []): string[] {
  const more = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const address of more) parseMailbox(address);
  return [...before, ...more];
}

/** The same as the value of an option that may be repeated: commander names the option then. */
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
