import { basename, delimiter, join } from 'node:path';
import { exceptionsOf } from '../../explain/no-capture-words.ts';
import { plural } from '../../formats/quantity-words.ts';
import { runtimeNamed } from '../../worker/running-program.ts';
import { isGoProgramAt } from '../../worker/unsuitable-runtime.ts';
import type { CliContext } from '../context.ts';
import { type Check, failure, ok, warning } from './check.ts';
import { checkWorkload } from './check-workload.ts';
import { finalCommand } from './final-command.ts';
import { findExecutable, nodeVersion, otherRuntime, startsNode } from './find-node.ts';
import { missingPackageScript, missingScript } from './find-script.ts';
import { tryCapture } from './try-capture.ts';

const OLDEST_NODE = 18;

/** Whether a capture will work for this command: found, Node, new enough, and a trial crash told its stack. */
export function checkCommand(command: readonly string[], context: CliContext): Check[] {
  const path = context.workerEnv.PATH ?? '';
  const [name = ''] = command;
  const executable = findExecutable(name, path);
  if (executable === null) {
    return [failure('command', `The command ${name} is not found.`, 'Check its spelling, or give its path.')];
  }
  const found = ok('command', `The command is ${executable}.`);
  const final = finalCommand(command, process.cwd());
  const workload = checkWorkload(final, process.cwd());
  const other =
    otherRuntimeOf(name, executable, final[0] ?? '', path) ?? (isGoProgramAt(executable) ? 'Go' : null);
  if (other !== null) {
    const runtime = other === 'Go' ? 'go' : runtimeNamed(other);
    const why = runtime === null || runtime === 'node' ? '' : `: ${exceptionsOf(runtime)}`;
    const traced = runtime !== 'go' && runtime !== 'java';
    const which = traced ? 'only a fatal signal can have a call stack' : 'none of them has a call stack';
    const advice = `Its exits are counted; ${which}${why}.`;
    return [found, failure('runtime', `The worker runs ${other}, not Node.`, advice), ...workload];
  }
  const how = startsNode(executable, command);
  const node = how === 'directly' ? executable : findExecutable('node', path);
  if (how === 'unknown' || node === null) {
    const message = 'Nothing shows that this command runs Node.';
    const advice =
      'Its exits are counted and explained, and exceptions are captured wherever Node turns out to run.';
    return [found, warning('runtime', message, advice), ...workload];
  }
  return [found, ...checkNode(node, command, context), ...workload];
}

/** Also behind `npm start` and `sh -c`. */
function otherRuntimeOf(name: string, executable: string, final: string, path: string): string | null {
  const other = otherRuntime(name, executable);
  if (other !== null || final === name) return other;
  const bins = `${join(process.cwd(), 'node_modules', '.bin')}${delimiter}${path}`;
  const below = findExecutable(final, bins);
  return below === null ? null : otherRuntime(final, below);
}

function checkNode(node: string, command: readonly string[], context: CliContext): Check[] {
  const version = nodeVersion(node, context.workerEnv);
  if (version === null) {
    return [failure('runtime', `${node} does not tell its version.`, 'Try to start it by hand.')];
  }
  if (Number.parseInt(version.slice(1), 10) < OLDEST_NODE) {
    const advice = `Use Node ${OLDEST_NODE} or later; until then exits are counted, without call stacks.`;
    return [
      failure('runtime', `The worker runs on Node ${version}, which is too old for the probe.`, advice),
    ];
  }
  return [
    ok('runtime', `The worker runs on Node ${version}.`),
    ...checkScript(command),
    checkPermissions(command, context),
    trial(node, context),
  ];
}

/** Only what is sure to fail is told. */
function checkScript([name = '', ...args]: readonly string[]): Check[] {
  const cwd = process.cwd();
  const isNode = /^node(js)?\d*$/.test(basename(name));
  const isManager = /^(?:npm|pnpm|yarn)$/.test(basename(name));
  const script = isNode ? missingScript(args, cwd) : null;
  const missing =
    script !== null ? `${script} in ${cwd}` : isManager ? missingPackageScript(args, cwd) : null;
  if (missing === null) return [];
  const advice = 'Check its spelling, or ask in the directory in which the app is started.';
  return [failure('script', `There is no ${missing}.`, advice)];
}

/** The permission model refuses to load a file outside the allowed paths, and the probe is one. */
function checkPermissions(command: readonly string[], { workerEnv }: CliContext): Check {
  const options = [...command, ...(workerEnv.NODE_OPTIONS ?? '').split(' ')];
  if (options.some((option) => /^--(experimental-)?permission$/.test(option))) {
    return failure(
      'permissions',
      'The worker runs under Node’s permission model, which keeps the probe out: it is never armed.',
      'Exits are still counted and explained. Call stacks need a worker without --permission.',
    );
  }
  return ok('permissions', 'No option of the worker keeps the probe out.');
}

function trial(node: string, context: CliContext): Check {
  const { frames, why } = tryCapture(node, context.workerEnv);
  if (frames > 0)
    return ok('trial', `A trial crash was captured with its call stack (${plural(frames, 'frame')}).`);
  return failure(
    'trial',
    `A trial crash was not captured: ${why}.`,
    'Please report this with the output of --json.',
  );
}
