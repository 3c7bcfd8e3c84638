import type { PrintedError } from '../../../model/last-words.ts';
import { type CheckedError, dropCalls, hasVouched, keptCalls, withoutCalls } from '../kept-calls.ts';
import type { CallReader } from './dotnet-call.ts';

/** What `Exception.ToString` printed. */
export type ThrownText = {
  error: PrintedError;
  /** Outermost first. */
  causes: PrintedError[];
  /** The line after its last. */
  to: number;
};

const MAX_MESSAGE_LINES = 200;
const MAX_CAUSES = 16;
const MAX_MEMBERS = 64;

type Thrown = CheckedError & { cause: Thrown | null };

/**
 * Reads an exception from its first line on. What caused it is printed before its own calls:
 *
 *     T: message
 *      ---> T: message of the cause
 *        at calls of the cause
 *        --- End of inner exception stack trace ---
 *        at calls
 *      ---> (Inner Exception #1) T: message<---
 *
 * A message can imitate all of it. Calls above an arrow are part of a message, and an arrow without an end is one as well.
 * If nothing vouches for a call, calls count only if nothing else stands between them.
 *
 * @param first what follows the heading in its line
 */
export function readThrown(
  lines: readonly string[],
  heading: number,
  first: string,
  readCall: CallReader,
): ThrownText {
  return new ThrownReader(lines, readCall).read(heading, first);
}

class ThrownReader {
  readonly #lines: readonly string[];
  readonly #readCall: CallReader;
  readonly #root: Thrown = thrown(null);
  /** From the outermost to the one whose calls come next. */
  #open: Thrown[] = [this.#root];
  #member: Thrown | null = null;
  #firstMember = 0;
  #isInterrupted = false;
  #hasText = false;

  constructor(lines: readonly string[], readCall: CallReader) {
    this.#lines = lines;
    this.#readCall = readCall;
  }

  read(heading: number, first: string): ThrownText {
    this.#root.type = typeIn(first);
    this.#addCauses(first);
    let to = heading + 1;
    for (let at = to; at < this.#lines.length && at - to < MAX_MESSAGE_LINES; at++) {
      const line = this.#lines[at] ?? '';
      if (this.#readLine(line)) to = at + 1;
      else if (line !== '' && hasVouched(this.#current())) break;
      else if (line !== '') this.#isInterrupted = true;
    }
    this.#closeMessages();
    return { ...this.#result(), to };
  }

  /** @returns whether the line is part of the text of an exception */
  #readLine(line: string): boolean {
    if (/^\s*--- End of inner exception stack trace ---\s*$/.test(line)) return this.#close();
    if (/^\s*--- End of stack trace from previous location/.test(line)) return true;
    const member = /^\s*---> \(Inner Exception #(\d{1,4})\) /.exec(line);
    if (member !== null) return this.#addMember(Number(member[1]), line.slice(member[0].length));
    if (line.includes(' ---> ') && this.#addCauses(line)) return true;
    const isLast = line.endsWith('<---');
    const call = this.#readCall(isLast ? line.slice(0, -4) : line);
    if (call !== null) {
      this.#resume();
      this.#current().calls.push(call);
    }
    if (isLast) this.#member = null;
    return call !== null || isLast;
  }

  #current(): Thrown {
    return this.#member ?? this.#open.at(-1) ?? this.#root;
  }

  /** Every ` ---> T: message` in a line. What stood above it in the same exception was its message. */
  #addCauses(line: string): boolean {
    const types = line
      .split(' ---> ')
      .slice(1)
      .map(typeIn)
      .filter((type) => type !== null);
    if (types.length === 0) return false;
    for (const type of types) {
      if (this.#member !== null || this.#open.length > MAX_CAUSES) break;
      const parent = this.#current();
      dropCalls(parent);
      parent.cause = thrown(type);
      this.#open.push(parent.cause);
    }
    if (this.#member !== null) dropCalls(this.#member);
    this.#isInterrupted = false;
    return true;
  }

  #close(): boolean {
    if (this.#isInterrupted) return false;
    if (this.#member !== null) dropCalls(this.#member);
    else if (this.#open.length > 1) this.#open.pop();
    else return false;
    return true;
  }

  #addMember(number: number, text: string): boolean {
    if (this.#root.members.length === MAX_MEMBERS) return false;
    if (this.#root.members.length === 0) {
      this.#closeMessages();
      this.#firstMember = number;
    }
    const isWhole = text.endsWith('<---');
    const member = thrown(typeIn(isWhole ? text.slice(0, -4) : text));
    this.#root.members.push(member);
    this.#member = isWhole ? null : member;
    this.#isInterrupted = false;
    return true;
  }

  /** The runtime prints calls in one piece: those above other text were part of the message. */
  #resume(): void {
    if (!this.#isInterrupted) return;
    this.#isInterrupted = false;
    this.#hasText = true;
    dropCalls(this.#current());
  }

  /** An arrow without an end was in a message: what follows it is of the exception whose message that is. */
  #closeMessages(): void {
    while (this.#open.length > 1) {
      const open = this.#open.pop();
      const parent = this.#open.at(-1);
      if (open === undefined || parent === undefined) return;
      parent.calls = open.calls;
      parent.refuted += open.refuted;
      parent.ambiguous += open.ambiguous;
      parent.cause = open.cause;
    }
  }

  #result(): Omit<ThrownText, 'to'> {
    const { members } = this.#root;
    const all = [this.#root, ...members];
    for (let cause = this.#root.cause; cause !== null; cause = cause.cause) all.push(cause);
    const canVouch = all.some(hasVouched);
    if (this.#hasText && !canVouch) return { error: withoutCalls(this.#root), causes: [] };
    const causes = all.slice(1 + members.length);
    // The first member is the cause: since .NET 5 it is printed only as that.
    const [first] = causes;
    const missing = members.length > 0 && this.#firstMember > 0 && first !== undefined ? [first] : [];
    const error = keptCalls({ ...this.#root, members: [...missing, ...members] }, canVouch);
    return { error, causes: members.length > 0 ? [] : causes.map((cause) => keptCalls(cause, canVouch)) };
  }
}

function thrown(type: string | null): Thrown {
  return { type, calls: [], refuted: 0, ambiguous: 0, members: [], cause: null };
}

/** `Shop.CartException: message`, also with a code: `System.Net.Sockets.SocketException (98): message` */
export function typeIn(text: string): string | null {
  const [, type] =
    /^([A-Za-z_]\w{0,200}(?:[.+][A-Za-z_]\w{0,200}){0,20})(?:`\d{1,2}(?:\[[^\]]{0,300}\])?)?(?: \((?:0x[0-9A-Fa-f]{8}|-?\d{1,10})\))?(?:: |:?$| ---> )/.exec(
      text,
    ) ?? [];
  // An app can change what its exceptions print.
  return type !== undefined && /(?:Exception|Error|Fault)$/.test(type) ? type : null;
}
