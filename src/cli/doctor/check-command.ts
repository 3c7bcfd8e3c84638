import { basename } from 'node:path';
import type { CliContext } from '../context.ts';
import { type Check, failure, ok, warning } from './check.ts';
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
  const other = otherRuntime(name, executable);
  if (other !== null) {
    const advice = 'Its exits are counted and explained; only crashes of native code can have call stacks.';
    return [found, failure('runtime', `The worker runs ${other}, not Node.`, advice)];
  }
  const how = startsNode(executable, command);
  const node = how === 'directly' ? executable : findExecutable('node', path);
  if (how === 'unknown' || node === null) {
    const message = 'Nothing shows that this command runs Node.';
    const advice =
      'Its exits are counted and explained, and exceptions are captured wherever Node turns out to run.';
    return [found, warning('runtime', message, advice)];
  }
  return [found, ...checkNode(node, command, context)];
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
  if (frames > 0) return ok('trial', `A trial crash was captured with its call stack (${frames} frames).`);
  return failure(
    'trial',
    `A trial crash was not captured: ${why}.`,
    'Please report this with the output of --json.',
  );
}
