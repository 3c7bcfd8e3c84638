import type { ExitStatus } from '../exit.ts';
import type { ExitReason, ReasonCode } from '../exit-reason.ts';

/*
 * HISTORY, never edited: the sentences that version 0.1 stored and sent in place of codes. Databases hold them for good.
 * The first sentence of each code is also sent to portals of version 0.1, which know no other.
 */

const HANDLER = ' by its own handler';
const SHELL = 'exit {n}, as a shell reports {signal}';
const PASSED = ' was passed on, then ';

type Endings = Partial<Record<ReasonCode, readonly string[]>>;

const HEAP = ', and V8 reported an exhausted heap on standard error';

/** After `exit 1`. */
const AFTER_EXIT: Endings = {
  'uncaught-exception': [': unhandled exception'],
  'printed-exception': [", and standard error ends with Node's report of an exception nobody handled"],
  'handler-exception': [": an exception was thrown in the app's own uncaughtException handler"],
  'handler-threw': [": an exception was thrown, and the app's own uncaughtException handler threw as well"],
  'unhandled-rejection': [': unhandled promise rejection'],
  'rejection-ended-by-app': [
    ": unhandled promise rejection, after which the app's own listener ended the process",
  ],
  'module-load': [': an ES module failed while it was loaded'],
  'stack-overflow': [': call stack exhausted'],
  'heap-exhausted': [HEAP, ', but V8 had reported an exhausted heap on standard error'],
  'process-exit': [': the app ended itself with an error code (process.exit or process.exitCode)'],
  'process-abort': [', after process.abort() was called'],
  'main-process-signal': [', after the main process had died of a signal'],
  'top-level-await': [': Node gave up on a top-level await that never settled'],
  'bad-option': [': Node was started with an option that it does not know'],
  'not-executable': [': the command could not be executed'],
  'command-not-found': [': the command was not found'],
  unknown: [': cause unknown', ': unexpected, and nothing proves what it was; the next armed worker tells'],
  normal: [': ended normally'],
  'masked-exception': [', though an exception nobody handled was recorded right before: a masked crash'],
};

/** After `SIGSEGV`, and after `exit 139, as a shell reports SIGSEGV`. */
const AFTER_SIGNAL: Endings = {
  'invalid-memory-access': [': invalid memory access'],
  'bus-error': [': memory that could not be provided or was misaligned'],
  'illegal-instruction': [': illegal instruction'],
  'arithmetic-fault': [': arithmetic fault'],
  trap: [': trap instruction, as runtimes use for a fatal internal error'],
  'forbidden-system-call': [': forbidden system call'],
  'sent-signal': [': sent by a process'],
  'native-stack-overflow': [': call stack of machine code exhausted'],
  'heap-exhausted': [': V8 gave up because the JavaScript heap was exhausted', HEAP],
  'process-abort': [': process.abort() was called'],
  abort: [': the process aborted itself'],
  'watchdog-abort': [": passed on by crashmon; systemd's watchdog sends it to a service that hangs"],
  'unhandled-signal': [': ended by a signal that the worker did not handle'],
  'oom-kill': [': the kernel killed the worker because its memory limit was reached'],
  'fatal-signal': [': fatal signal'],
  'stop-signal': [': somebody stopped the worker'],
  'forwarded-signal': [': passed on to the worker, which had no handler for it'],
  'terminal-signal': [': sent from a terminal or by hand'],
  killed: [' from outside, and not by the kernel for want of memory'],
  'killed-oom-unknown': [" from outside; the kernel's out-of-memory counter could not be read"],
};

const AWAY = 'ended while crashmon was not its parent; ';
const AFTER_AWAY: Endings = {
  'uncaught-exception': ['the probe had recorded an unhandled exception'],
  'unhandled-rejection': ['the probe had recorded an unhandled promise rejection'],
  'process-abort': ['the probe had recorded process.abort()'],
  'process-exit': ['the probe had recorded process.exit() with a code other than 0'],
  'main-process-signal': ['its debugger saw it die of a signal'],
  'heap-exhausted': ['V8 reported an exhausted heap on standard error'],
  'printed-exception': ["standard error ends with Node's report of an exception nobody handled"],
  'no-sign-of-crash': ['nothing shows that it crashed'],
};

const REQUESTS: Endings = {
  'stop-requested': ['stopped on request'],
  'restart-requested': ['restarted on request'],
};

const WHOLE: Endings = {
  foreign: ['Reported by a sender other than crashmon'],
  'probe-refused': ["crashmon's probe could not be loaded into it; it is started again without"],
  withheld: ['The reason is not shown: it is none that this version of crashmon knows.'],
};

/** What the signals of a sentence are, in their order. */
type Role = 'firstSignal' | 'shellSignal' | null;
type Form = { code: ReasonCode; roles: readonly Role[] };

const FORMS: ReadonlyMap<string, Form> = new Map([
  ...forms(AFTER_EXIT, [], (ending) => `exit {n}${ending}`),
  ...forms(AFTER_SIGNAL, [null], (ending) => `{signal}${ending}`),
  ...forms(AFTER_SIGNAL, ['shellSignal'], (ending) => `${SHELL}${ending}`),
  ...forms(AFTER_SIGNAL, ['firstSignal', null], (ending) => `{signal}${ending}, then {signal}${HANDLER}`),
  ...forms(
    AFTER_SIGNAL,
    ['firstSignal', 'shellSignal'],
    (ending) => `{signal}${ending}, then ${SHELL}${HANDLER}`,
  ),
  ...forms(AFTER_AWAY, [], (ending) => `${AWAY}${ending}`),
  ...['exit {n}', '{signal}', 'exit status unknown'].flatMap((end) =>
    forms(REQUESTS, ['firstSignal', null], (what) => `${what} ({signal}${PASSED}${end})`),
  ),
  ...forms(WHOLE, [], (sentence) => sentence),
]);

function forms(endings: Endings, roles: readonly Role[], form: (ending: string) => string): [string, Form][] {
  return Object.entries(endings).flatMap(([code, all]) =>
    all.map((ending): [string, Form] => [form(ending), { code: code as ReasonCode, roles }]),
  );
}

const SIGNALS = /\bSIG[A-Z]{2,6}\d?(?:\+\d{1,2})?\b/g;

/** null for a sentence that version 0.1 did not make. */
export function reasonOfSentence(sentence: string): ExitReason | null {
  if (sentence.length > 300) return null;
  const signals = sentence.match(SIGNALS) ?? [];
  const form = FORMS.get(sentence.replace(/\bexit \d{1,3}\b/, 'exit {n}').replaceAll(SIGNALS, '{signal}'));
  if (form === undefined) return null;
  const { code, roles } = form;
  return {
    code,
    ...Object.fromEntries(roles.flatMap((role, at) => (role === null ? [] : [[role, signals[at]]]))),
  };
}

/** null for a reason that version 0.1 did not have. */
export function sentenceOfReason(reason: ExitReason, status: ExitStatus): string | null {
  const { firstSignal, shellSignal } = reason;
  const bySignal = shellSignal !== undefined || status.type === 'signal';
  const of = (endings: Endings) => endings[reason.code as ReasonCode]?.[0];
  const end = endOf(status);
  const how = shellSignal === undefined ? end : `${end}, as a shell reports ${shellSignal}`;
  const [whole, request] = [of(WHOLE), of(REQUESTS)];
  if (whole !== undefined) return whole;
  if (request !== undefined) return `${request} (${firstSignal}${PASSED}${end})`;
  const ending = of(status.type === 'unknown' ? AFTER_AWAY : bySignal ? AFTER_SIGNAL : AFTER_EXIT);
  if (ending === undefined) return null;
  if (status.type === 'unknown') return `${AWAY}${ending}`;
  return firstSignal === undefined ? `${how}${ending}` : `${firstSignal}${ending}, then ${how}${HANDLER}`;
}

function endOf(status: ExitStatus): string {
  if (status.type === 'unknown') return 'exit status unknown';
  return status.type === 'code' ? `exit ${status.code}` : status.signal;
}
