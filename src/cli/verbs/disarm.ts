import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { setOverride } from '../journals/set-override.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';

/** `crashmon disarm <app>`: capture nothing until `arm`. */
export function addDisarm(program: Command, context: CliContext): void {
  const command = program
    .command('disarm')
    .description('Capture no crash of an app until it is armed again')
    .argument('<app>', 'name of the app')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon disarm shop\n  crashmon arm shop --auto    let the crash count decide again',
    );
  addJournalOptions(command).action((app: string, options: JournalOptions) => {
    setOverride(app, { override: 'disarmed', restart: false }, options, context);
  });
}
