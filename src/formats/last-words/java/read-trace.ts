import type { PrintedError, Vouchers } from '../../../model/last-words.ts';
import {
  type CheckedCall,
  type CheckedError,
  dropCalls,
  hasVouched,
  keptCalls,
  withoutCalls,
} from '../kept-calls.ts';
import { readCall } from './java-call.ts';
import { typeIn } from './java-type.ts';

/** What `Throwable.printStackTrace` printed. */
export type Trace = {
  error: PrintedError;
  /** Outermost first; suppressed exceptions are members of the one that they were added to. */
  causes: PrintedError[];
  /** The line after its last. */
  to: number;
};

/** Of one trace, suppressed ones included. */
const MAX_ERRORS = 32;
/** A message of more lines is not read to its end. */
const MAX_MESSAGE_LINES = 200;
/** The JVM keeps 1,024 calls of a stack, unless a flag says more, and the launcher takes its own away. */
const FULL_STACK = 1_000;

/**
 * Reads the lines below a throwable's first line. Its message can have any number of lines and imitate calls and causes:
 *
 * - A call counts if its class has it. Above the first such call, a class that is not found is part of the message.
 * - A cause counts below a call that counts. Below none it counts only if an initializer failed, whose caller is the JVM.
 * - If no class can be read, calls and causes count only if nothing else stands between them, and main's end in `main`.
 *
 * @param thread what it ended; the calls of `main` end with its method `main`
 */
export function readTrace(
  lines: readonly string[],
  heading: number,
  { type, thread }: { type: string | null; thread: 'main' | 'other' | null },
  vouchers: Vouchers,
): Trace {
  return new TraceReader(lines, vouchers).read(heading, type, thread);
}

/** An exception and its calls so far. */
type Traced = CheckedError & {
  /** Its calls are the last ones of this one's. */
  enclosing: Traced | null;
  /** Its last line was read. */
  isClosed: boolean;
};

class TraceReader {
  readonly #lines: readonly string[];
  readonly #vouchers: Vouchers;
  readonly #calls = new Map<string, CheckedCall | null>();
  /** The newest of each depth: suppressed ones stand deeper. */
  #open: Traced[] = [];
  readonly #causes: Traced[] = [];
  #errors = 0;
  #hasClasses = false;
  /** There is text below the last line of the stack. */
  #isInterrupted = false;
  /** There is text between lines of the stack. */
  #hasText = false;

  constructor(lines: readonly string[], vouchers: Vouchers) {
    this.#lines = lines;
    this.#vouchers = vouchers;
  }

  read(heading: number, type: string | null, thread: 'main' | 'other' | null): Trace {
    const root = traced(type, null);
    this.#open = [root];
    this.#hasClasses = this.#lines.some((line, at) => at > heading && this.#call(line)?.kind === 'vouched');
    let to = heading + 1;
    for (let at = to; at < this.#lines.length && at - to < MAX_MESSAGE_LINES; at++) {
      const line = this.#lines[at] ?? '';
      if (this.#readLine(line, at)) to = at + 1;
      else if (HEADING.test(line) || hasVouched(this.#open.at(-1))) break;
      else this.#isInterrupted = true;
    }
    const isCut = thread === 'main' && root.calls.length > 0 && !endsInMain(root);
    const isUncertain = this.#hasClasses ? this.#hasText && isCut : this.#hasText || isCut;
    if (isUncertain) return { error: withoutCalls(root), causes: [], to };
    const keep = (one: Traced) => keptCalls(one, this.#hasClasses);
    return { error: keep(root), causes: this.#causes.map(keep), to };
  }

  /** @returns whether the line is part of the stack */
  #readLine(line: string, at: number): boolean {
    const [, tabs = '', word = ''] = STACK_LINE.exec(line) ?? [];
    const rest = line.slice(tabs.length + word.length);
    const depth = word === 'Caused by: ' ? tabs.length : tabs.length - 1;
    const current = this.#open[depth];
    if (word === '' || current === undefined) return false;
    const isDeepest = depth === this.#open.length - 1;
    if (word === 'at ') return isDeepest && this.#addCall(line, current);
    if (word === '... ') return isDeepest && this.#addShared(rest, current);
    const isReal = this.#isComplete(current) || this.#isOfInitializer(word, current, at);
    if (!isReal || word.startsWith('[') || rest.startsWith('[CIRCULAR REFERENCE')) return isReal;
    return this.#addError(word, traced(typeIn(rest, this.#vouchers), current), depth);
  }

  #addCall(line: string, current: Traced): boolean {
    const call = this.#call(line);
    if (call === null || current.isClosed) return false;
    this.#resume(current);
    current.calls.push(call);
    return true;
  }

  /** `... 2 more`: the calls that it shares with the exception above. */
  #addShared(rest: string, current: Traced): boolean {
    const count = Number(/^(\d{1,6}) (?:more|common frames omitted)$/.exec(rest)?.[1]);
    const from = current.enclosing?.calls ?? [];
    if (!(count <= from.length) || current.isClosed || this.#isInterrupted) return false;
    if (count > 0) current.calls.push(...from.slice(-count));
    current.isClosed = true;
    return true;
  }

  #addError(word: string, error: Traced, depth: number): boolean {
    if (this.#errors === MAX_ERRORS) return false;
    this.#errors++;
    const isCause = word === 'Caused by: ';
    // Causes of suppressed exceptions are not reported.
    if (!isCause) this.#open[depth]?.members.push(error);
    else if (depth === 0) this.#causes.push(error);
    this.#open = [...this.#open.slice(0, isCause ? depth : depth + 1), error];
    return true;
  }

  /** The runtime prints calls in one piece: those above other text were part of the message. */
  #resume(current: Traced): void {
    if (!this.#isInterrupted) return;
    this.#isInterrupted = false;
    this.#hasText = true;
    dropCalls(current);
  }

  /** The calls of this exception count, as far as they go. */
  #isComplete(current: Traced): boolean {
    const last = current.calls.at(-1);
    if (last === undefined || this.#isInterrupted || last.kind === 'refuted') return false;
    return last.kind !== 'unknown' || !this.#hasClasses || hasVouched(current);
  }

  /** A failed initializer of the main class has no caller, so its error has no calls. */
  #isOfInitializer(word: string, current: Traced, at: number): boolean {
    const isFirst = current.enclosing === null && current.calls.length === 0 && !this.#isInterrupted;
    if (!isFirst || word !== 'Caused by: ') return false;
    let last = at + 1;
    while (this.#call(this.#lines[last + 1] ?? '') !== null) last++;
    return functionOf(this.#call(this.#lines[last] ?? '')).endsWith('.<clinit>');
  }

  #call(line: string): CheckedCall | null {
    const known = this.#calls.get(line);
    if (known !== undefined) return known;
    const call = readCall(line, this.#vouchers);
    this.#calls.set(line, call);
    return call;
  }
}

/** Tabs, and the first word of a line of a stack. */
const STACK_LINE = /^(\t{0,8})(at |\.\.\. |Caused by: |Suppressed: |\[CIRCULAR REFERENCE)/;
const HEADING = /^Exception in thread "/;

function traced(type: string | null, enclosing: Traced | null): Traced {
  return { type, calls: [], enclosing, isClosed: false, refuted: 0, ambiguous: 0, members: [] };
}

function endsInMain({ calls }: Traced): boolean {
  const last = functionOf(calls.findLast(({ kind }) => kind !== 'generated') ?? null);
  return last.endsWith('.main') || last.endsWith('.<clinit>') || calls.length >= FULL_STACK;
}

function functionOf(call: CheckedCall | null): string {
  return call?.call?.function ?? '';
}
