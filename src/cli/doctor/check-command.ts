import { basename, delimiter, join } from 'node:path';
import { exceptionsOf } from '../../explain/no-capture-words.ts';
import { RUNTIME_NAMES } from '../../explain/runtime-words.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { Runtime } from '../../model/runtime.ts';
import { hasProbe } from '../../policy/worker-preparation.ts';
import { runtimeNamed, runtimeOfFile } from '../../worker/running-program.ts';
import type { CliContext } from '../context.ts';
import { type Check, failure, ok, warning } from './check.ts';
import { checkWorkload } from './check-workload.ts';
import { finalCommand } from './final-command.ts';
import { findExecutable, isThere, nodeVersion, otherRuntime, startsNode } from './find-node.ts';
import { missingPackageScript, missingScript } from './find-script.ts';
import { tryCapture } from './try-capture.ts';

const OLDEST_NODE = 18;

/** Whether a capture will work for this command: it is found, runs a Node that is new enough, and a trial crash is captured. */
export function checkCommand(command: readonly string[], context: CliContext): Check[] {
  const path = context.workerEnv.PATH ?? '';
  const [name = ''] = command;
  const executable = findExecutable(name, path);
  if (executable === null) {
    return [
      isThere(name, path)
        ? failure(
            'command',
            `Not executable: ${name}.`,
            'Run `chmod +x` on the program, or start it with its interpreter.',
          )
        : failure('command', `Command not found: ${name}.`, 'Check the spelling, or give its path.'),
    ];
  }
  const found = ok('command', `The command is ${executable}.`);
  const final = finalCommand(command, process.cwd());
  const workload = checkWorkload(final, process.cwd());
  const other = otherRuntimeOf(name, executable, final[0] ?? '', path) ?? compiledRuntimeOf(executable);
  if (other !== null) {
    const runtime = COMPILED.find((one) => RUNTIME_NAMES[one] === other) ?? runtimeNamed(other);
    if (runtime !== null && hasProbe(runtime)) {
      const runs = ok('runtime', `The worker runs ${other}.`);
      // Elsewhere, its interpreter is not known.
      const isDirect = runtimeNamed(basename(executable)) === runtime;
      return [found, runs, ...(isDirect ? [trial(runtime, executable, context)] : []), ...workload];
    }
    if (runtime !== null)
      return [found, warning('words', readWords(other), `${exceptionsOf(runtime)}.`), ...workload];
    const message = `The worker runs ${other}, whose exceptions are not captured.`;
    const advice = 'Its exits are counted; only fatal signals are captured.';
    return [found, failure('runtime', message, advice), ...workload];
  }
  const how = startsNode(executable, command);
  const node = how === 'directly' ? executable : findExecutable('node', path);
  if (how === 'unknown' || node === null) {
    const message = 'Cannot determine whether this command runs Node.';
    const advice = 'Its exits are counted and explained. If it runs Node, exceptions are captured too.';
    return [found, warning('runtime', message, advice), ...workload];
  }
  return [found, ...checkNode(node, command, context), ...workload];
}

/** Machine code by which its language is known. */
const COMPILED = ['go', 'rust'] as const;

function compiledRuntimeOf(executable: string): string | null {
  const runtime = COMPILED.find((one) => one === runtimeOfFile(executable));
  return runtime === undefined ? null : RUNTIME_NAMES[runtime];
}

function readWords(runtime: string): string {
  return `The worker runs ${runtime}: its exceptions are not captured, but read from standard error, from the first crash on.`;
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
    return [failure('runtime', `Cannot read the version of ${node}.`, `Run it manually: ${node} --version`)];
  }
  if (Number.parseInt(version.slice(1), 10) < OLDEST_NODE) {
    const advice = `Use Node ${OLDEST_NODE} or later. Until then, exits are counted without call stacks.`;
    return [
      failure('runtime', `The worker runs on Node ${version}, which is too old for the probe.`, advice),
    ];
  }
  return [
    ok('runtime', `The worker runs on Node ${version}.`),
    ...checkScript(command),
    checkPermissions(command, context),
    trial('node', node, context),
  ];
}

/** Reports only what is certain to fail. */
function checkScript([name = '', ...args]: readonly string[]): Check[] {
  const cwd = process.cwd();
  const isNode = /^node(js)?\d*$/.test(basename(name));
  const isManager = /^(?:npm|pnpm|yarn)$/.test(basename(name));
  const script = isNode ? missingScript(args, cwd) : null;
  const missing =
    script !== null ? `${script} in ${cwd}` : isManager ? missingPackageScript(args, cwd) : null;
  if (missing === null) return [];
  const advice = 'Check the spelling, or run doctor in the directory where the app is started.';
  return [failure('script', `Not found: ${missing}.`, advice)];
}

/** The permission model refuses to load a file outside the allowed paths, and the probe is one. */
function checkPermissions(command: readonly string[], { workerEnv }: CliContext): Check {
  const options = [...command, ...(workerEnv.NODE_OPTIONS ?? '').split(' ')];
  if (options.some((option) => /^--(experimental-)?permission$/.test(option))) {
    return failure(
      'permissions',
      'The worker runs under Node’s permission model, which blocks the probe: it is never armed.',
      'Exits are still counted and explained. For call stacks, start the worker without --permission.',
    );
  }
  return ok('permissions', 'No option of the worker blocks the probe.');
}

function trial(runtime: Runtime, interpreter: string, context: CliContext): Check {
  const { frames, why } = tryCapture(runtime, interpreter, context.workerEnv);
  if (frames > 0)
    return ok('trial', `A trial crash was captured with its call stack (${plural(frames, 'frame')}).`);
  return failure(
    'trial',
    `A trial crash was not captured: ${why}.`,
    'Please report this with the output of --json.',
  );
}
