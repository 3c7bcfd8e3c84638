import type { CrashFacts } from '../../model/crash-facts.ts';
import type { AbortKind, FaultSummary } from '../../model/fault.ts';
import type { Frame } from '../../model/frame.ts';
import { abortKindOf } from '../../model/native-error.ts';
import { isSqlState } from '../../model/sql-state.ts';

type Condition = (facts: CrashFacts) => boolean;

/** The exception, one of its causes or one of its members has one of these codes. */
export function hasCode(...codes: readonly string[]): Condition {
  return ({ code, causes = [], members = [] }) =>
    [code, ...causes.map((cause) => cause.code), ...members.map((member) => member.code)].some(
      (one) => one !== null && codes.includes(one),
    );
}

/** The exception or one of its causes has a SQLSTATE of one of these classes as its code. */
export function hasSqlState(...classes: readonly string[]): Condition {
  return ({ code, exceptionType, causes = [] }) =>
    [{ code, exceptionType }, ...causes].some(
      (one) =>
        one.code !== null &&
        isSqlState(one.code, one.exceptionType) &&
        classes.includes(one.code.slice(0, 2)),
    );
}

/** The exception or one of its causes has one of these types. */
export function hasType(...types: readonly string[]): Condition {
  return ({ exceptionType, causes = [] }) =>
    [exceptionType, ...causes.map((cause) => cause.exceptionType)].some(
      (one) => one !== null && types.includes(one.replace(/^.*\./, '')),
    );
}

/** A frame in this module of Node.js has this function name. */
export function inNode(name: RegExp, file: RegExp): Condition {
  return ({ frames }) =>
    frames.some((frame) => file.test(frame.file ?? '') && name.test(frame.function ?? ''));
}

/** A frame of one of these packages is in the stack. */
export function inPackage(...packages: readonly string[]): Condition {
  return ({ frames }) => frames.some(({ module }) => module !== null && packages.includes(module));
}

export function inFunction(name: RegExp): Condition {
  return ({ frames }) => frames.some((frame) => name.test(frame.function ?? ''));
}

/** The machine code is not the app's: it is an add-on or Node.js itself. Advice for C does not fit. */
export function isOthersCode(facts: CrashFacts): boolean {
  if (facts.addon !== undefined) return true;
  return (
    facts.runtime?.name === 'node' && !facts.frames.some(({ inApp, native }) => inApp && native !== undefined)
  );
}

/** The exception has a type like this, with dots between the parts of its name in all languages. */
export function ofType(type: RegExp): Condition {
  return ({ exceptionType }) => type.test(exceptionType?.replaceAll(/::|\\/g, '.') ?? '');
}

/** The innermost frame has a function name like this. */
export function inTopFunction(name: RegExp): Condition {
  return ({ frames }) => name.test(frames[0]?.function ?? '');
}

export function isFault(...summaries: readonly FaultSummary[]): Condition {
  return ({ fault }) => fault !== null && summaries.includes(fault.summary);
}

/** The process aborted for one of these reasons, as memory shows it or as it printed it. */
export function isAbort(...kinds: readonly AbortKind[]): Condition {
  return (facts) => {
    const kind = facts.fault === null ? printedAbort(facts) : facts.fault.abortKind;
    return kind !== null && kinds.includes(kind);
  };
}

function printedAbort({ exceptionType, signal, runtime }: CrashFacts): AbortKind | null {
  const isNative = runtime?.name === 'native' && signal === 'SIGABRT';
  return isNative && exceptionType !== null ? abortKindOf(exceptionType) : null;
}

/** The innermost frame is the app's own JavaScript; the engine or that code threw the exception. */
export function thrownInApp({ frames }: CrashFacts): boolean {
  const first: Frame | undefined = frames[0];
  return first?.inApp === true && first.native === undefined;
}

export function all(...conditions: readonly Condition[]): Condition {
  return (facts) => conditions.every((condition) => condition(facts));
}

export function not(condition: Condition): Condition {
  return (facts) => !condition(facts);
}

const LISTEN = inNode(/listen|setupListenHandle/i, /^node:(?:net|internal\/cluster\/)/);
const BIND = inNode(/bind/i, /^node:(?:dgram|internal\/dgram)/);
export const isListening: Condition = (facts) => LISTEN(facts) || BIND(facts);
export const isConnecting: Condition = inNode(/afterConnect|internalConnect/, /^node:net$/);
export const isRustPanic: Condition = inFunction(
  /^(?:core|std)::panicking::|^rust_begin_unwind$|^core::(?:option|result)::\w*failed/,
);
