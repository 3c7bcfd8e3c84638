import { type Command, InvalidArgumentError } from 'commander';

export type JournalOptions = {
  stateDir?: string;
  json?: boolean;
  app?: string;
  instance?: string;
};

/** The options of every verb that reads journals. */
export function addJournalOptions(command: Command): Command {
  return command
    .option('--instance <name>', 'only this instance of the app')
    .option('--state-dir <dir>', 'state directory of crashmon (CRASHMON_STATE_DIR)')
    .option('--json', 'print JSON');
}

/** For `--limit`. */
export function parseCount(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Give a whole number of at least 1.');
}
