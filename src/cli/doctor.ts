import type { Command } from 'commander';
import { identifyApp } from './app-identity.ts';
import type { CliContext } from './context.ts';
import type { Check } from './doctor/check.ts';
import { checkCommand } from './doctor/check-command.ts';
import { checkJournals } from './doctor/check-journals.ts';
import { checkMachine } from './doctor/check-machine.ts';
import { capturesNative, checkNative } from './doctor/check-native.ts';
import { checkNotifyAccess } from './doctor/check-notify-access.ts';
import { checkUplink } from './doctor/check-uplink.ts';
import { hintFor } from './hint.ts';
import { addNotifyTargetOptions, type NotifyTargetFlags, notifyPlan } from './notify-plan.ts';
import { type Colours, coloursFor } from './render/colours.ts';
import { alignColumns } from './render/layout.ts';
import { jsonText, line } from './render/safe-text.ts';
import { stateDirIfAny } from './state-dir-option.ts';
import { addTargetOptions, type UplinkFlags, uplinkPlan } from './uplink-plan.ts';

type DoctorOptions = UplinkFlags &
  NotifyTargetFlags & { sendTest?: boolean; json?: boolean; stateDir?: string };

/** null: it cannot be told. */
type WillCapture = boolean | null;

export function addDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .summary('Tell whether a capture will work for a command, and if not, what to do')
    .description(
      'Looks at the machine, the environment and the command, and lets tiny programs crash to see ' +
        'whether their call stacks are captured: one of JavaScript on the same Node, and one of native code ' +
        'under a debugger. Your app itself is not started.',
    )
    .argument('[command...]', 'the command of the worker and its arguments, after --');
  addNotifyTargetOptions(addTargetOptions(command))
    .option('--send-test', 'send a test message to who is told of crashes')
    .option('--json', 'print JSON')
    .option('--state-dir <dir>', 'where crashmon keeps its state (CRASHMON_STATE_DIR)')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon doctor\n  crashmon doctor -- npm start\n  crashmon doctor --notify smtp://mail.example.com --mail-to ops@example.com --send-test\n\nExit code: 1 if exceptions will not be captured; native crashes alone only warn.',
    )
    .action((command: string[], options: DoctorOptions) => doctor(command, options, context));
}

async function doctor(command: string[], options: DoctorOptions, context: CliContext): Promise<void> {
  const hasCommand = command.length > 0;
  const stateDir = stateDirIfAny(options.stateDir, context);
  const app = hasCommand ? identifyApp(command, process.cwd()).name : null;
  const checks = [
    ...checkMachine(stateDir, context),
    ...(stateDir === null ? [] : checkJournals(stateDir, app)),
  ];
  if (hasCommand) checks.push(...checkCommand(command, context));
  checks.push(...(await checkNative(command, context)));
  checks.push(...(await checkNotifyAccess(stateDir, app, context)));
  checks.push(...(await checkUplink(uplinkPlan(options, null, context))));
  const toTell = { app: app ?? 'your app', sendTest: options.sendTest === true, nowMs: context.now().wallMs };
  // What sends mails is big, and no other verb's.
  const { checkNotify } = await import('./doctor/check-notify.ts');
  checks.push(...(await checkNotify(notifyPlan(options, null, context), toTell)));
  const willCapture = verdictOf(checks, hasCommand);
  const willCaptureNative = nativeVerdictOf(checks, hasCommand);
  if (options.json) context.stdout.write(jsonText({ willCapture, willCaptureNative, checks }));
  else {
    const colours = coloursFor(context.env, context.isTTY);
    const forks = isUnsure(checks, UNSURE);
    const kinds = kindsText(willCapture, willCaptureNative, forks);
    const verdict = hasCommand
      ? `${colours.bold(ofCommand(willCapture, willCaptureNative, forks, command))}\n${kinds}`
      : `${colours.bold(ofMachine(willCapture))}\n${kinds}\nGive the command as well to have it looked at: ${hintFor(options, context)('doctor', '--', 'node', 'server.js')}`;
    context.stdout.write(`${checks.map((check) => checkText(check, colours)).join('')}\n${verdict}\n`);
  }
  if (willCapture === false) process.exitCode = 1;
}

/** It depends on which process crashes. */
const UNSURE = ['forks'];

/** Without a command, or with one that may or may not run Node, or that starts others, it cannot be told. */
function verdictOf(checks: readonly Check[], hasCommand: boolean): WillCapture {
  if (checks.some(({ result }) => result === 'failure')) return false;
  const unsure = isUnsure(checks, [...UNSURE, 'runtime']);
  return hasCommand && !unsure ? true : null;
}

/** Failures that leave native crashes as they are: the debugger does not mind what the program is made of. */
const ONLY_JAVASCRIPT = ['runtime', 'trial'];

function nativeVerdictOf(checks: readonly Check[], hasCommand: boolean): WillCapture {
  if (!capturesNative(checks)) return false;
  if (checks.some(({ check, result }) => result === 'failure' && !ONLY_JAVASCRIPT.includes(check)))
    return false;
  return hasCommand && !isUnsure(checks, UNSURE) ? true : null;
}

function isUnsure(checks: readonly Check[], names: readonly string[]): boolean {
  return checks.some(({ check, result }) => result === 'warning' && names.includes(check));
}

/** Which deaths will have a call stack. */
function kindsText(willCapture: WillCapture, willCaptureNative: WillCapture, forks: boolean): string {
  const rows = [
    ['JavaScript: exception, rejection, call of exit', willCapture],
    ['native code: SIGSEGV, abort and other signals', willCaptureNative],
  ] as const;
  const maybe = forks ? 'call stack in the main process only' : 'call stack where the command allows it';
  const words = (will: WillCapture) => (will === false ? 'no call stack' : will ? 'call stack' : maybe);
  return alignColumns(rows.map(([what, will]) => [`  ${what}`, words(will)])).join('\n');
}

function checkText({ result, message, advice }: Check, colours: Colours): string {
  const mark = { ok: colours.green('✓'), warning: colours.yellow('!'), failure: colours.red('✗') }[result];
  return `  ${mark} ${line(message)}\n${advice === null ? '' : colours.dim(`    ${advice}\n`)}`;
}

function ofCommand(
  willCapture: WillCapture,
  willCaptureNative: WillCapture,
  forks: boolean,
  command: readonly string[],
): string {
  const what = line(command.join(' '));
  if (willCapture === null && forks) return `Only crashes of the main process will be captured for: ${what}`;
  if (willCapture === null) {
    return `Exits will be counted for: ${what}; whether JavaScript runs in it cannot be told`;
  }
  if (!willCapture && willCaptureNative) return `Only crashes of native code will be captured for: ${what}`;
  return `A capture will ${willCapture ? 'work' : 'not work'} for: ${what}`;
}

function ofMachine(willCapture: WillCapture): string {
  return willCapture === false
    ? 'A capture will not work on this machine'
    : 'Nothing on this machine keeps a capture from working';
}
