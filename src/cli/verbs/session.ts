import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addSessionDelete } from '../sessions/delete-dump.ts';
import { addSessionDumps } from '../sessions/dumps.ts';
import { addSessionGet } from '../sessions/get-dump.ts';
import { addSessionList } from '../sessions/list-sessions.ts';
import { addSessionShow } from '../sessions/show-dump.ts';
import { addSessionStart } from '../sessions/start-session.ts';
import { addSessionStop } from '../sessions/stop-session.ts';

const HELP = `
Examples:
  crashmon session start shop --key age1…   keep the next 3 dumps, encrypted
  crashmon session dumps shop               list them
  crashmon session get 3f2a91c4 --identity key.txt --output core
  crashmon session stop shop

A dump holds memory of the worker: stacks and registers. It stays on this
machine, unless you copy it, or --store or --portal-dumps sends it away,
encrypted.`;

/** `crashmon session`: keeps the dumps of crashes for a while. */
export function addSession(program: Command, context: CliContext): void {
  const session = program
    .command('session')
    .summary('Keep the dumps of an app for a while, to open them in gdb')
    .description(
      'Keeps the dumps of fatal signals of one app on one instance, or of uncaught exceptions of Node.js if the last crash was one, ' +
        'until enough were kept, the time is over, or it is stopped. The ' +
        'running worker is attached at once, also if it has not crashed so far.',
    )
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', HELP);
  addSessionStart(session, context);
  addSessionList(session, context);
  addSessionStop(session, context);
  addSessionDumps(session, context);
  addSessionShow(session, context);
  addSessionGet(session, context);
  addSessionDelete(session, context);
}
