import type { Colors } from '../render/colors.ts';
import { alignColumns } from '../render/layout.ts';
import { line } from '../render/safe-text.ts';
import type { Check } from './check.ts';

/** null: unknown. */
export type WillCapture = boolean | null;

/** It depends on which process crashes. */
export const UNSURE = ['forks'];

export function isUnsure(checks: readonly Check[], names: readonly string[]): boolean {
  return checks.some(({ check, result }) => result === 'warning' && names.includes(check));
}

/** What is captured and read of workers that are watched. */
export function workersVerdict(
  checks: readonly Check[],
): Pick<Verdict, 'watchesWorkers' | 'readsWorkers' | 'capturesWorkers'> {
  const has = (...names: string[]) => checks.some(({ check }) => names.includes(check));
  return {
    watchesWorkers: has('worker-words', 'no-worker-words', 'worker-exceptions'),
    readsWorkers: has('worker-words'),
    capturesWorkers: has('worker-exceptions'),
  };
}

/** Which exits will have a call stack. */
export function kindsText(
  checks: readonly Check[],
  { willCapture, willCaptureNative, forks, reads, watchesWorkers, readsWorkers, capturesWorkers }: Verdict,
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
    if (will === null && forks && capturesWorkers && at === 0) return 'call stack';
    if (will === null && forks && watchesWorkers && at === 1)
      return 'call stack; of workers, of at most five at a time';
    // Of a fatal signal, few runtimes print a stack.
    if (will === null && forks && readsWorkers && at === 0)
      return `${maybe.replace(' only', '')}; in workers, if the runtime prints one`;
    return words(will);
  };
  return alignColumns(rows.map(([what, will], at) => [`  ${what}`, text(will, at)])).join('\n');
}

export function checkText({ result, message, advice }: Check, colors: Colors): string {
  const mark = { ok: colors.green('✓'), warning: colors.yellow('!'), failure: colors.red('✗') }[result];
  return `  ${mark} ${line(message)}\n${advice === null ? '' : colors.dim(`    ${advice}\n`)}`;
}

export type Verdict = {
  willCapture: WillCapture;
  willCaptureNative: WillCapture;
  forks: boolean;
  /** The exceptions that the runtime prints are read. */
  reads: boolean;
  /** Their fatal signals are captured where those of the main process are. */
  watchesWorkers: boolean;
  readsWorkers: boolean;
  capturesWorkers: boolean;
};

export function ofCommand(
  command: readonly string[],
  { willCapture, willCaptureNative, forks, reads, watchesWorkers, readsWorkers, capturesWorkers }: Verdict,
): string {
  const what = line(command.join(' '));
  const capturesSignals = watchesWorkers && willCaptureNative !== false;
  if (willCapture === null && forks && capturesWorkers && capturesSignals)
    return `Crashes of the main process and of its workers will be captured for: ${what}`;
  if (willCapture === null && forks && capturesWorkers)
    return `Crashes of the main process and exceptions of its workers will be captured for: ${what}`;
  if (willCapture === null && forks && readsWorkers && capturesSignals)
    return `Crashes of the main process and fatal signals of its workers will be captured, and exceptions of its workers read, for: ${what}`;
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

export function ofMachine(willCapture: WillCapture): string {
  return willCapture === false
    ? 'Crashes cannot be captured on this machine'
    : 'Crashes can be captured on this machine';
}

export function ofService(
  name: string,
  isSeen: boolean,
  { willCapture, willCaptureNative, forks, reads, watchesWorkers, capturesWorkers }: Verdict,
): string {
  if (!isSeen) return `Crashes of ${name} are not seen`;
  if (willCapture === null && !forks)
    return `Crashes of ${name} are counted; what else they leave is not known now`;
  const first = reads ? 'explained by what it prints' : 'counted';
  if (forks && watchesWorkers && willCaptureNative !== false) {
    if (willCapture && capturesWorkers) return `Crashes of ${name} are ${first}, and captured if they repeat`;
    if (willCapture === false)
      return `Crashes of ${name} are ${first}; if they repeat, fatal signals are captured`;
    return `Crashes of ${name} are ${first}; if they repeat, fatal signals, and exceptions of its main process, are captured`;
  }
  if (forks && willCapture && capturesWorkers)
    return `Crashes of ${name} are ${first}; if they repeat, exceptions are captured`;
  if (forks && (willCapture !== false || willCaptureNative !== false))
    return `Crashes of ${name} are ${first}; if they repeat, only those of its main process are captured`;
  if (willCapture || willCaptureNative) return `Crashes of ${name} are ${first}, and captured if they repeat`;
  return `Crashes of ${name} are ${first}, and not captured`;
}
