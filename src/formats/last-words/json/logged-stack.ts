import type { LastWords, PrintedError, Vouchers } from '../../../model/last-words.ts';
import type { Runtime } from '../../../model/runtime.ts';
import { LINE_PARSERS } from '../../printed-stack/line-parsers.ts';
import { typeIn } from '../java/java-type.ts';
import { readTrace } from '../java/read-trace.ts';
import { printedType } from '../javascript/printed-type.ts';
import { isCallLine, scriptCall, scriptVoucher } from '../javascript/script-calls.ts';
import { RUBY_SOURCES, rubyHeading } from '../ruby/ruby-lines.ts';
import { believed, SourceVoucher } from '../source-voucher.ts';
import { type JsonStack, stackInJson } from './stack-in-json.ts';

/** Texts that look like stacks and are compared with the sources. */
const MAX_STACKS = 20;

type Read = { error: PrintedError; causes: PrintedError[] };

type StackReader = {
  isStack: (lines: readonly string[]) => boolean;
  read: (stack: JsonStack, vouchers: Vouchers) => Read;
};

const JAVASCRIPT: StackReader = {
  isStack: (lines) => lines.some((line) => isCallLine(line, 4)),
  read({ lines }, { readSource }) {
    const vouch = scriptVoucher(readSource);
    // pino appends the stacks of causes.
    const cause = lines.findIndex((line) => line.startsWith('caused by: '));
    const own = cause < 0 ? lines : lines.slice(0, cause);
    const calls = vouch(own.flatMap((line) => scriptCall(line, 4) ?? []));
    const type = vouch.type(printedType(own[0] ?? '', false, own[1]).type);
    return { error: { type, ...calls, members: [], cut: 0 }, causes: [] };
  },
};

/** Loggers whose lines have the runtime's own form of a stack: logback, log4j2, pino, winston, zap, Ruby's. */
const READERS: Partial<Record<Runtime, StackReader>> = {
  node: JAVASCRIPT,
  deno: JAVASCRIPT,
  bun: JAVASCRIPT,
  java: {
    isStack: (lines) => lines.some((line) => line.startsWith('\tat ')),
    read: ({ lines }, vouchers) =>
      readTrace(lines, 0, { type: typeIn(lines[0] ?? '', vouchers), thread: null }, vouchers),
  },
  ruby: {
    isStack: (lines) => lines.some((line) => LINE_PARSERS.ruby(line, '') !== null),
    read({ lines, type: named }, { readSource }) {
      const voucher = new SourceVoucher(readSource, RUBY_SOURCES);
      const printed = lines.flatMap((line) => LINE_PARSERS.ruby(line, '') ?? []);
      const calls = believed(printed, (call) => voucher.check(call), true);
      const type = rubyHeading(lines[0] ?? '')?.type ?? (RUBY_TYPE.test(named ?? '') ? named : null);
      return { error: { type, ...calls, members: [], cut: 0 }, causes: [] };
    },
  },
  go: {
    isStack: (lines) => goCalls(lines).length > 0,
    read({ lines }, { program }) {
      const printed = goCalls(lines);
      const calls = believed(
        printed,
        ({ function: name, file }) => {
          if (program === null || name === null || file === null) return null;
          return program.hasFunction(name) && program.hasFile(file);
        },
        true,
      );
      return { error: { type: null, ...calls, members: [], cut: 0 }, causes: [] };
    },
  },
};

/** Other names in JSON can be anything. */
const RUBY_TYPE = /^(?:[A-Z]\w{0,99}::){0,20}[A-Z]\w{0,99}(?:Error|Exception)$/;

/** `main.pay` (zap) or `main.pay(0x1)` (`debug.Stack`) above `\t/srv/shop/main.go:14`; of a panic, what is below it. */
function goCalls(lines: readonly string[]) {
  const calls = lines.flatMap((line, at) => {
    if (line.startsWith('created by ')) return [];
    return LINE_PARSERS.go(line.endsWith(')') ? line : `${line}()`, lines[at + 1] ?? '') ?? [];
  });
  return calls.slice(calls.findLastIndex((call) => call.function === 'panic') + 1);
}

/**
 * An exception that the app logged as JSON in one of its last lines. It shows that the app caught it: never more than
 * `printed`. @param count lines of the whole text. @returns null if there is none with calls of the program
 */
export function readLogged(
  runtime: Runtime,
  text: string,
  count: number,
  vouchers: Vouchers,
): LastWords | null {
  const reader = READERS[runtime];
  if (reader === undefined) return null;
  let left = MAX_STACKS;
  return stackInJson(text, (stack) => {
    if (!reader.isStack(stack.lines) || --left < 0) return null;
    const read = reader.read(stack, vouchers);
    if (read.error.calls.length === 0) return null;
    const from = Math.max(0, count - stack.linesAfter - 1);
    return {
      ...{ form: 'logged', ...read, thread: null, handled: true, pid: null, signal: null, version: null },
      ...{ from, to: from + 1, linesAfter: stack.linesAfter },
    };
  });
}
