import { RUNTIMES, type Runtime } from './runtime.ts';

/**
 * A code and its parameters: what records and databases hold in place of a sentence. It has no room for text of the
 * worker: the code is one short word, the parameters are a count and names of signals and of a runtime.
 */
export type Coded = Readonly<{
  code: string;
  count?: number;
  /** A shell reported this signal as an exit code. */
  shellSignal?: string;
  /** The signal before the end: the worker's own handler ended it otherwise, or crashmon had forwarded it. */
  firstSignal?: string;
  /** It printed the exception. */
  runtime?: Runtime;
}>;

declare const wellFormed: unique symbol;
/** A code of another version, or of another sender. */
export type UnknownCode = string & { readonly [wellFormed]: true };

export const MAX_COUNT = 9_999_999;

const CODE = /^[a-z0-9-]{1,40}$/;
const TOKEN = /^[a-z0-9-]{1,40}(?: (?:runtime=[a-z]{1,20}|[a-zA-Z]{1,20}=[A-Z0-9+]{1,20})){0,5}$/;
const SIGNAL =
  /^SIG(?:HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR[12]|SEGV|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|PWR|SYS|RTMIN(?:\+\d{1,2})?)$/;

/** Reads an object or a token from anywhere. null if the code is not well-formed; other parameters are dropped. */
export function readCoded(value: unknown): (Coded & { code: UnknownCode }) | null {
  const { code, count, shellSignal, firstSignal, runtime: name } = fieldsOf(value);
  if (typeof code !== 'string' || !CODE.test(code)) return null;
  const runtime = RUNTIMES.find((known) => known === name);
  return {
    code: code as UnknownCode,
    ...(isCount(count) ? { count } : {}),
    ...(isSignal(shellSignal) ? { shellSignal } : {}),
    ...(isSignal(firstSignal) ? { firstSignal } : {}),
    ...(runtime === undefined ? {} : { runtime }),
  };
}

/** For one text column or attribute: `uncaught-exception`, `frames-cut count=3`. */
export function codeToken({ code, count, shellSignal, firstSignal, runtime }: Coded): string {
  const parameters = Object.entries({ count, shellSignal, firstSignal, runtime });
  return [
    code,
    ...parameters.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`)),
  ].join(' ');
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  if (typeof value !== 'string' || !TOKEN.test(value)) return {};
  const [code, ...parameters] = value.split(' ');
  const pairs = parameters.map((parameter): [string, unknown] => {
    const [name = '', text = ''] = parameter.split('=');
    return [name, /^\d{1,7}$/.test(text) ? Number(text) : text];
  });
  return { ...Object.fromEntries(pairs), code };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_COUNT;
}

function isSignal(value: unknown): value is string {
  return typeof value === 'string' && SIGNAL.test(value);
}
