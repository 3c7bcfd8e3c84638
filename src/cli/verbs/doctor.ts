import type { Command } from 'commander';
import { identifyApp } from '../../agent/identify/app-identity.ts';
import type { CliContext } from '../context.ts';
import type { Check } from '../doctor/check.ts';
import { checkCommand } from '../doctor/check-command.ts';
import { checkJournals } from '../doctor/check-journals.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import { capturesNative, checkNative } from '../doctor/check-native.ts';
import { checkNotifyAccess } from '../doctor/check-notify-access.ts';
import { checkUplink } from '../doctor/check-uplink.ts';
import { hintFor } from '../hint.ts';
import { addNotifyTargetOptions, type NotifyTargetFlags, notifyPlan } from '../options/notify-plan.ts';
import { stateDirIfAny } from '../options/state-dir-option.ts';
import { addTargetOptions, type UplinkFlags, uplinkPlan } from '../options/uplink-plan.ts';
import { type Colors, colorsFor } from '../render/colors.ts';
import { alignColumns } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';

type DoctorOptions = UplinkFlags &
  NotifyTargetFlags & { sendTest?: boolean; json?: boolean; stateDir?: string };

/** null: unknown. */
type WillCapture = boolean | null;

export function addDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .summary('Check whether crashes of a command will be captured, and if not, what to do')
    .description(
      'Checks the machine, the environment and the command. Crashes two tiny programs to test whether their ' +
        'call stacks are captured: JavaScript on the same Node, and native code under a debugger. Your app ' +
        'itself is not started.',
    )
    .argument('[command...]', 'the command of the worker and its arguments, after --');
  addNotifyTargetOptions(addTargetOptions(command))
    .option('--send-test', 'send a test notification to the recipients')
    .option('--json', 'print JSON')
    .option('--state-dir <dir>', 'state directory of crashmon (CRASHMON_STATE_DIR)')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon doctor\n  crashmon doctor -- npm start\n  crashmon doctor --notify smtp://mail.example.com --mail-to ops@example.com --send-test\n\nExit code: 1 if exceptions will neither be captured nor read from standard error; native crashes are warnings.',
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
  const target = { app: app ?? 'your app', sendTest: options.sendTest === true, nowMs: context.now().wallMs };
  // Loaded here, since the code that sends mail is large.
  const { checkNotify } = await import('../doctor/check-notify.ts');
  checks.push(...(await checkNotify(notifyPlan(options, null, context), target)));
  const willCapture = verdictOf(checks, hasCommand);
  const willCaptureNative = nativeVerdictOf(checks, hasCommand);
  if (options.json) context.stdout.write(jsonText({ willCapture, willCaptureNative, checks }));
  else {
    const colors = colorsFor(context.env, context.isTTY);
    const forks = isUnsure(checks, UNSURE);
    const reads = readsWords(checks);
    const readsWorkers = checks.some(({ check }) => check === 'worker-words');
    const verdict = { willCapture, willCaptureNative, forks, reads, readsWorkers };
    const kinds = kindsText(checks, verdict);
    const text = hasCommand
      ? `${colors.bold(ofCommand(command, verdict))}\n${kinds}`
      : `${colors.bold(ofMachine(willCapture))}\n${kinds}\nTo check a command: ${hintFor(options, context)('doctor', '--', 'node', 'server.js')}`;
    context.stdout.write(`${checks.map((check) => checkText(check, colors)).join('')}\n${text}\n`);
  }
  if (willCapture === false && !readsWords(checks)) process.exitCode = 1;
}

/** It depends on which process crashes. */
const UNSURE = ['forks'];

/** Unknown without a command, or if the command does not clearly run Node, or starts other processes. */
function verdictOf(checks: readonly Check[], hasCommand: boolean): WillCapture {
  if (checks.some(({ result }) => result === 'failure') || readsWords(checks)) return false;
  const unsure = isUnsure(checks, [...UNSURE, 'runtime']);
  return hasCommand && !unsure ? true : null;
}

/** The runtime has no probe, but prints its exceptions with their stacks. */
function readsWords(checks: readonly Check[]): boolean {
  return checks.some(({ check }) => check === 'words') && !checks.some(({ result }) => result === 'failure');
}

/** Failures that do not affect native crashes: the debugger works with any program. */
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

/** Which exits will have a call stack. */
function kindsText(
  checks: readonly Check[],
  { willCapture, willCaptureNative, forks, reads, readsWorkers }: Verdict,
): string {
  const rows = [
    ['exceptions (in JavaScript: also rejections, process.exit)', willCapture],
    ['native code: SIGSEGV, SIGABRT and other fatal signals', willCaptureNative],
  ] as const;
  const maybe = forks ? 'call stack in the main process only' : 'call stack where the command allows it';
  const words = (will: WillCapture) => (will === false ? 'no call stack' : will ? 'call stack' : maybe);
  const printed = [reads, isUnsure(checks, ['native-runtime'])];
  const text = (will: WillCapture, at: number) => {
    if (will === false && printed[at] === true) return 'call stack, if the runtime prints one';
    // Of a fatal signal, few runtimes print a stack.
    if (will === null && forks && readsWorkers && at === 0)
      return `${maybe.replace(' only', '')}; in workers, if the runtime prints one`;
    return words(will);
  };
  return alignColumns(rows.map(([what, will], at) => [`  ${what}`, text(will, at)])).join('\n');
}

function checkText({ result, message, advice }: Check, colors: Colors): string {
  const mark = { ok: colors.green('✓'), warning: colors.yellow('!'), failure: colors.red('✗') }[result];
  return `  ${mark} ${line(message)}\n${advice === null ? '' : colors.dim(`    ${advice}\n`)}`;
}

type Verdict = {
  willCapture: WillCapture;
  willCaptureNative: WillCapture;
  forks: boolean;
  /** The exceptions that the runtime prints are read. */
  reads: boolean;
  readsWorkers: boolean;
};

function ofCommand(
  command: readonly string[],
  { willCapture, willCaptureNative, forks, reads, readsWorkers }: Verdict,
): string {
  const what = line(command.join(' '));
  if (willCapture === null && forks && readsWorkers)
    return `Crashes of the main process will be captured, and exceptions of its workers read, for: ${what}`;
  if (willCapture === null && forks) return `Only crashes of the main process will be captured for: ${what}`;
  if (willCapture === null) {
    return `Exits will be counted for: ${what}; cannot determine whether it runs Node`;
  }
  if (reads)
    return `Exceptions will be read from standard error${willCaptureNative ? ', and native crashes captured,' : ''} for: ${what}`;
  if (!willCapture && willCaptureNative) return `Only native crashes will be captured for: ${what}`;
  return `Crashes will ${willCapture ? '' : 'not '}be captured for: ${what}`;
}

function ofMachine(willCapture: WillCapture): string {
  return willCapture === false
    ? 'Crashes cannot be captured on this machine'
    : 'Crashes can be captured on this machine';
}
