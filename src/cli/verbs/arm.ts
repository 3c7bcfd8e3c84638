import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { setOverride } from '../journals/set-override.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';

type ArmOptions = JournalOptions & { restart?: boolean; auto?: boolean };

/** `crashmon arm <app>`: capture the next crash, regardless of the count. */
export function addArm(program: Command, context: CliContext): void {
  const command = program
    .command('arm')
    .description('Capture the next crash of an app, regardless of the crash count')
    .argument('<app>', 'name of the app')
    .option('--restart', 'restart the worker gracefully now, to arm it at once')
    .option('--auto', 'undo arm and disarm: the crash count decides again')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon arm shop\n  crashmon arm shop --restart\n  crashmon arm shop --auto',
    );
  addJournalOptions(command).action((app: string, options: ArmOptions) => {
    if (options.auto && options.restart) {
      throw new CrashmonError('BAD_OPTION', '--auto and --restart cannot be combined.');
    }
    const override = options.auto ? null : 'armed';
    setOverride(app, { override, restart: options.restart ?? false }, options, context);
  });
}
