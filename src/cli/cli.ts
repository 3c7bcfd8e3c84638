import { isatty } from 'node:tty';
import { Command, CommanderError } from 'commander';
import { systemClock } from '../agent/clock.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { CliContext } from './context.ts';
import { calledAs, hintFor } from './hint.ts';
import { Output } from './output.ts';
import { line } from './render/safe-text.ts';
import { outerEnvironment } from './start/outer-environment.ts';
import { ownVersion } from './start/own-version.ts';
import { usageError } from './usage-error.ts';
import { loadVerbs } from './verbs/verbs.ts';

const HELP = `
Start here:
  crashmon demo                       watch a small shop crash, and see why
  crashmon doctor -- node server.js   check whether it works for this app
  crashmon run -- node server.js      run an app under crashmon
  crashmon show                       the newest captured crash

Exit codes: 0 success; 1 failure; 2 usage error.
\`crashmon run\` exits with the exit code or signal of its worker.
Manual pages: man crashmon, man crashmon-run, …
In a checkout: ./crashmon and man docs/man/crashmon.1`;

/** The command line: parses, calls the verb, and turns errors into one line and an exit code. */
export async function main(argv: string[]): Promise<void> {
  const context = contextOfProcess();
  const program = new Command('crashmon')
    .description('Proactive crash monitoring for web apps on Linux.')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [verb]', 'Show help for a verb')
    .enablePositionalOptions()
    .addHelpText('after', HELP);
  for (const add of await loadVerbs(argv[0])) add(program, context);
  const hint = hintFor({}, context);
  for (const command of [program, ...everyVerb(program)]) {
    command.exitOverride().showSuggestionAfterError(false);
    command.configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(usageError(text, command, hint)),
    });
    if (command.name() === 'run' || command.name() === 'doctor') command.passThroughOptions();
  }
  try {
    // Without arguments help is shown, which is not a usage error.
    if (argv.length === 0) program.help();
    refuseUnknownHelp(program, argv);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    const code = exitCodeOf(error, context);
    // A failed write of output has already set it.
    if (code !== 0) process.exitCode = code;
  }
}

/** Including nested verbs, such as `portal backup`. */
function everyVerb(command: Command): Command[] {
  return command.commands.flatMap((verb) => [verb, ...everyVerb(verb)]);
}

function exitCodeOf(error: unknown, context: CliContext): number {
  // Commander has already written its line; help and version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof CrashmonError)) throw error;
  context.stderr.write(`crashmon: ${line(error.message.replaceAll(/\s*\n\s*/g, ' '))}\n`);
  return error.code === 'BAD_OPTION' || error.code === 'NO_SUCH_APP' || error.code === 'NO_SUCH_CRASH'
    ? 2
    : 1;
}

/** Commander would answer `help nope` with the general help. */
function refuseUnknownHelp(program: Command, [verb, wanted]: readonly string[]): void {
  if (verb !== 'help' || wanted === undefined || wanted.startsWith('-') || wanted === 'help') return;
  if (program.commands.some((command) => command.name() === wanted)) return;
  program.error(`unknown command '${wanted}'`, { code: 'commander.unknownCommand' });
}

function contextOfProcess(): CliContext {
  // Variables from the entry to the CLI are not for the worker.
  const {
    CRASHMON_NODE_OPTIONS: _,
    CRASHMON_COMMAND: __,
    CRASHMON_INHERITED: inherited,
    ...env
  } = process.env;
  let stdout: Output | undefined;
  let stderr: Output | undefined;
  return {
    env,
    command: calledAs(process.env),
    workerEnv: outerEnvironment(process.env),
    inherited,
    // Created on first use: Node makes a pipe non-blocking for all processes that share it, and a worker of `run` that
    // does not handle EAGAIN would lose output.
    get stdout() {
      stdout ??= new Output(process.stdout);
      return stdout;
    },
    get stderr() {
      stderr ??= new Output(process.stderr);
      return stderr;
    },
    now: systemClock(),
    uid: process.getuid?.() ?? 0,
    isTTY: isatty(1),
    stderrIsTerminal: isatty(2),
    get columns() {
      // A terminal of unknown size reports 0.
      return process.stdout.columns || 80;
    },
  };
}
