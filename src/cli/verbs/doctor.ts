import type { Command } from 'commander';
import { identifyApp } from '../../agent/identify/app-identity.ts';
import { readHostStatus } from '../../host/host-status.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import type { Check } from '../doctor/check.ts';
import { checkCommand } from '../doctor/check-command.ts';
import { checkCoreHandler } from '../doctor/check-core-handler.ts';
import { checkJournals } from '../doctor/check-journals.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import { capturesNative, checkNative } from '../doctor/check-native.ts';
import { checkNotifyAccess } from '../doctor/check-notify-access.ts';
import { checkService, servicesNamed, verdictOfServices } from '../doctor/check-service.ts';
import { checkUplink } from '../doctor/check-uplink.ts';
import {
  checkText,
  isUnsure,
  kindsText,
  ofCommand,
  ofMachine,
  ofService,
  UNSURE,
  type WillCapture,
  workersVerdict,
} from '../doctor/verdict-text.ts';
import { hintFor } from '../hint.ts';
import { fillFromEnvironment } from '../options/environment.ts';
import { addNotifyTargetOptions, type NotifyTargetFlags, notifyPlan } from '../options/notify-plan.ts';
import { stateDirIfAny, stateDirOf } from '../options/state-dir-option.ts';
import { addTargetOptions, type UplinkFlags, uplinkPlan } from '../options/uplink-plan.ts';
import { colorsFor } from '../render/colors.ts';
import { jsonText, line } from '../render/safe-text.ts';

type DoctorOptions = UplinkFlags &
  NotifyTargetFlags & { service?: string; sendTest?: boolean; json?: boolean; stateDir?: string };

export function addDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .summary('Check whether crashes of a command will be captured, and if not, what to do')
    .description(
      'Checks the machine, the environment and the command, or a service that crashmon agent watches. Crashes two tiny programs to test whether their ' +
        'call stacks are captured: JavaScript on the same Node, and native code under a debugger. Your app ' +
        'itself is not started.',
    )
    .argument('[command...]', 'the command of the worker and its arguments, after --');
  addNotifyTargetOptions(addTargetOptions(command))
    .option('--service <name>', 'check a service that crashmon agent watches, instead of a command')
    .option('--send-test', 'send a test notification to the recipients')
    .option('--json', 'print JSON')
    .option('--state-dir <dir>', 'state directory of crashmon (CRASHMON_STATE_DIR)')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon doctor\n  crashmon doctor -- npm start\n  crashmon doctor --service shop\n  crashmon doctor --notify smtp://mail.example.com --mail-to ops@example.com --send-test\n\nExit code: 1 if exceptions will neither be captured nor read from standard error; native crashes are warnings.',
    )
    .action((words: string[]) => {
      // The targets of `run`.
      fillFromEnvironment(command, context.env, (key) => /-file$|^webhook/.test(key));
      const options = command.opts<DoctorOptions>();
      return options.service === undefined
        ? doctor(words, options, context)
        : doctorOfService(options.service, words, options, context);
    });
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
  checks.push(...(await checkNative(command, context)), checkCoreHandler());
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
    const verdict = { willCapture, willCaptureNative, forks, reads, ...workersVerdict(checks) };
    const kinds = kindsText(checks, verdict);
    const text = hasCommand
      ? `${colors.bold(ofCommand(command, verdict))}\n${kinds}`
      : `${colors.bold(ofMachine(willCapture))}\n${kinds}\nTo check a command: ${hintFor(options, context)('doctor', '--', 'node', 'server.js')}`;
    context.stdout.write(`${checks.map((check) => checkText(check, colors)).join('')}\n${text}\n`);
  }
  if (willCapture === false && !readsWords(checks)) process.exitCode = 1;
}

/** @throws CrashmonError BAD_OPTION */
async function doctorOfService(
  name: string,
  command: readonly string[],
  options: DoctorOptions,
  context: CliContext,
): Promise<void> {
  if (command.length > 0) throw new CrashmonError('BAD_OPTION', 'Give --service or a command, not both.');
  const host = readHostStatus(stateDirOf(options.stateDir, context));
  const checks = await checkService(name, host);
  const isSeen = !checks.some(({ result }) => result === 'failure');
  if (isSeen) checks.push(...(await checkNative([], context)), checkCoreHandler());
  const services = host === null ? [] : servicesNamed(name, host);
  const { willCapture, willCaptureNative, reads } = verdictOfServices(services, checks);
  const forks = isUnsure(checks, UNSURE);
  if (options.json) context.stdout.write(jsonText({ willCapture, willCaptureNative, reads, checks }));
  else {
    const colors = colorsFor(context.env, context.isTTY);
    const verdict = { willCapture, willCaptureNative, forks, reads, ...workersVerdict(checks) };
    const title = colors.bold(ofService(line(name), isSeen, verdict));
    const kinds = isSeen && (willCapture !== null || forks) ? `\n${kindsText(checks, verdict)}` : '';
    context.stdout.write(`${checks.map((check) => checkText(check, colors)).join('')}\n${title}${kinds}\n`);
  }
  if (!isSeen || (willCapture === false && !reads)) process.exitCode = 1;
}

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
