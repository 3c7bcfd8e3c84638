import { GO_PANIC, goFatalErrorType, goPanicType } from '../../../model/go-error.ts';

/** Why Go ended the process, as its text begins. */
export type GoReason = {
  form: 'panic' | 'fatal-error' | 'signal';
  type: string;
  /** Types of the panics before it that were not recovered, the newest first. */
  causes: string[];
  signal: string | null;
  /** Between it and the goroutine is nothing but what Go prints there: no further line of a message. */
  isWhole: boolean;
  /** A deferred function recovered from a panic, and panicked with the same value again. */
  isRepanic: boolean;
};

const START = /^(?:panic: |fatal error: |SIG[A-Z0-9]{2,8}: )/;
const MAX_PANICS = 16;

export function isStartOfReason(line: string): boolean {
  return START.test(line);
}

/** SIGQUIT asks a Go program to print its goroutines and to end. */
export function isRequested(line: string): boolean {
  return line.startsWith('SIGQUIT: ');
}

/**
 * Reads lines from the first to before the goroutine:
 *
 *     panic: first [recovered]
 *     	panic: second
 *     [signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x480fc5]
 *
 * The text of a panic's value is never kept; its type is if it is one of the runtime's own, or is in the executable.
 */
export function readReason(lines: readonly string[], hasType: (name: string) => boolean): GoReason {
  const [first = '', ...rest] = lines;
  const signal = lines.map((line) => SIGNAL.exec(line)?.[1]).find((name) => name !== undefined) ?? null;
  const others = rest.filter((line) => !isPrintedByGo(line, first));
  const isWhole = others.length === 0;
  if (first.startsWith('fatal error: ')) {
    const type = goFatalErrorType(first.slice('fatal error: '.length));
    return { form: 'fatal-error', type, causes: [], signal, isWhole, isRepanic: false };
  }
  if (!first.startsWith('panic: ')) {
    const name = first.slice(0, first.indexOf(':'));
    return { form: 'signal', type: name, causes: [], signal: name, isWhole, isRepanic: false };
  }
  // In a message of several lines, any of them can imitate a panic.
  if (!isWhole) return { form: 'panic', type: GO_PANIC, causes: [], signal, isWhole, isRepanic: false };
  const panics = [first, ...rest.filter((line) => NESTED.test(line))].slice(-MAX_PANICS).map((line) => ({
    text: textOf(line),
    recovered: RECOVERED.test(line),
  }));
  const [last, ...before] = panics.reverse();
  const text = last?.text ?? '';
  const causes = before.filter(({ recovered }) => !recovered).map((panic) => panicType(panic.text, hasType));
  const isRepanic =
    panics.length > 1
      ? before.every((panic) => panic.recovered && panic.text === text)
      : REPANICKED.test(first);
  return { form: 'panic', type: panicType(text, hasType), causes, signal, isWhole, isRepanic };
}

const NESTED = /^\t{1,16}panic: /;
const RECOVERED = / \[(?:recovered|recovered, repanicked|repanicked)\]$/;
/** As Go 1.25 prints both panics at once. */
const REPANICKED = /repanicked\]$/;
const SIGNAL = /^\[signal (SIG[A-Z0-9]{2,8}): [\w :=-]{1,200}\]$/;

function textOf(line: string): string {
  return line.slice(line.indexOf('panic: ') + 'panic: '.length).replace(RECOVERED, '');
}

/** Values of the app's own types are printed as `main.Code(4111)` and `(main.Card) 0xc000084000`. */
function panicType(text: string, hasType: (name: string) => boolean): string {
  const [, named, inBrackets] =
    /^(?:(\w{1,80}\.\w{1,80})\(.*\)|\(\*?(\w{1,80}\.\w{1,80})\) .*)$/.exec(text) ?? [];
  const name = named ?? inBrackets;
  return name !== undefined && hasType(name) ? name : goPanicType(text);
}

/** What stands below the first line without being part of a message. Two threads can find the same fault. */
function isPrintedByGo(line: string, first: string): boolean {
  return line === '' || line === first || SIGNAL.test(line) || NESTED.test(line) || RUNTIME.test(line);
}

/** `runtime stack:` and its calls, `PC=0x40268e m=0 sigcode=0`, `goexit`. */
const RUNTIME =
  /^(?:runtime stack:|runtime[.:/]|PC=0x[0-9a-f]{1,16} m=|signal arrived during |\[?goroutine \d|\t\[recovered|\t.{1,300}:\d{1,7}(?: |$))/;
