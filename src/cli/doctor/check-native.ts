import { statfsSync } from 'node:fs';
import { onlyAncestorsCanTrace } from '../../debugger/ptrace-scope.ts';
import { plural } from '../../formats/quantity-words.ts';
import { debuggerSwitch } from '../../policy/kill-switch.ts';
import { runTool } from '../../symbols/native/run-tool.ts';
import { unsuitableProgram } from '../../worker/unsuitable-runtime.ts';
import type { CliContext } from '../context.ts';
import { type Check, ok, warning } from './check.ts';
import { findExecutable } from './find-node.ts';
import { readTracingFacts, tracingObstacle } from './tracing-obstacle.ts';
import { type NativeTrial, tryNativeCapture } from './try-native-capture.ts';

/** A dump is never bigger. */
const DUMP_BYTES = 16 * 1024 * 1024;
const TOOL_LIMITS = {
  timeoutMs: 10_000,
  memoryBytes: 1024 ** 3,
  outputBytes: 64 * 1024,
  signal: undefined,
};

/**
 * Whether crashes of native code will be captured. All are warnings: exceptions of JavaScript are captured without a
 * debugger.
 */
export async function checkNative(command: readonly string[], context: CliContext): Promise<Check[]> {
  const off = debuggerSwitch(context.env);
  if (off !== null) {
    return [warning('debugger-switch', `The debugger is switched off: ${off}.`, 'Unset the variable.')];
  }
  const path = context.workerEnv.PATH ?? '';
  const program = findExecutable(command[0] ?? '', path);
  const unsuitable = program === null ? null : unsuitableProgram(program);
  if (unsuitable !== null) {
    const advice = 'No debugger is attached; what it reports itself is read after the restart.';
    return [warning('native-runtime', `${unsuitable}.`, advice)];
  }
  const tools = await checkTools();
  const gdbserver = findExecutable('gdbserver', path);
  if (gdbserver === null) {
    const message = 'gdbserver is not installed: native crashes will have no call stack.';
    return [warning('gdbserver', message, 'Run: apt install gdbserver'), tools, checkDumpPlace()];
  }
  const installed = ok('gdbserver', `The debugger is ${gdbserver}.`);
  const asParent = context.env.CRASHMON_DEBUGGER === 'parent' || onlyAncestorsCanTrace();
  const trial = await tryNativeCapture(gdbserver, asParent, context.env);
  return [installed, tools, checkDumpPlace(), checkTrial(trial, tools)];
}

/** Whether a native crash would come with a call stack, by what was checked. */
export function capturesNative(checks: readonly Check[]): boolean {
  return checks.some(({ check, result }) => check === 'native-trial' && result === 'ok');
}

function checkTrial({ asParent, failure, frames, sizeBytes }: NativeTrial, tools: Check): Check {
  if (failure !== null) {
    const { message, advice } = tracingObstacle(failure, readTracingFacts());
    return warning('native-trial', message, advice);
  }
  const size = `${Math.ceil(sizeBytes / 1024)} KB`;
  if (frames > 0) {
    const what = `(${plural(frames, 'frame')} out of ${size})`;
    const how = asParent ? '; the debugger will be the parent of armed workers' : '';
    return ok('native-trial', `A trial crash of native code was captured with its call stack ${what}${how}.`);
  }
  return warning(
    'native-trial',
    `A trial crash of native code was captured (${size}), but its call stack could not be read.`,
    tools.advice ?? 'Please report this with the output of --json.',
  );
}

async function checkTools(): Promise<Check> {
  const [euStack, gdb] = await Promise.all([isInstalled('eu-stack'), isInstalled('gdb')]);
  const named = 'native-stacks';
  if (euStack && gdb) return ok(named, 'Native call stacks are read by eu-stack, in hard cases by gdb.');
  if (euStack) {
    const hard = 'gdb, which is better in hard cases (a jump to an invalid address), is not installed';
    return ok(named, `Native call stacks are read by eu-stack; ${hard}.`);
  }
  const advice = 'Run: apt install elfutils';
  return gdb
    ? warning(
        named,
        'Native call stacks are read by gdb: eu-stack, which is faster, is not installed.',
        advice,
      )
    : warning(named, 'Neither eu-stack nor gdb is installed: no native call stack can be read.', advice);
}

/** As the analysis finds it, which does not use our PATH. */
async function isInstalled(tool: string): Promise<boolean> {
  const { outcome } = await runTool(tool, ['--version'], TOOL_LIMITS);
  return outcome === 'done';
}

function checkDumpPlace(): Check {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize >= DUMP_BYTES) {
      return ok('native-dump', '/dev/shm has room for a dump.');
    }
  } catch {
    // No such place.
  }
  return warning(
    'native-dump',
    '/dev/shm has less than 16 MB free: dumps are written to the state directory instead.',
    'Free some space, or enlarge it (Docker: --shm-size 64m).',
  );
}
