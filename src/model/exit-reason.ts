/**
 * Reasons of exits that count, as a closed set of forms: a reason leaves the instance, and only what stands here
 * passes. `{n}` is an exit code and `{signal}` a signal's name; `policy/classify-exit.ts` makes the sentences.
 */
const AFTER_ANY_END = [
  ', and V8 reported an exhausted heap on standard error',
  ', after the main process had died of a signal',
  ", and standard error ends with Node's report of an exception nobody handled",
  ', after process.abort() was called',
  ": an exception was thrown in the app's own uncaughtException handler",
  ": an exception was thrown, and the app's own uncaughtException handler threw as well",
  ': call stack exhausted',
  ': unhandled exception',
  ': unhandled promise rejection',
  ': an ES module failed while it was loaded',
  ": unhandled promise rejection, after which the app's own listener ended the process",
  ': the app ended itself with an error code (process.exit or process.exitCode)',
  ': Node gave up on a top-level await that never settled',
  ': Node was started with an option that it does not know',
  ': the command could not be executed',
  ': the command was not found',
  ': cause unknown',
  // Of older versions.
  ': unexpected, and nothing proves what it was; the next armed worker tells',
] as const;

const AFTER_SIGNAL = [
  ': invalid memory access',
  ': memory that could not be provided or was misaligned',
  ': illegal instruction',
  ': arithmetic fault',
  ': trap instruction, as runtimes use for a fatal internal error',
  ': forbidden system call',
  ': sent by a process',
  ', and V8 reported an exhausted heap on standard error',
  ': call stack of machine code exhausted',
  ': ended by a signal that the worker did not handle',
  ': V8 gave up because the JavaScript heap was exhausted',
  ': process.abort() was called',
  ': the process aborted itself',
  ": passed on by crashmon; systemd's watchdog sends it to a service that hangs",
  ': the kernel killed the worker because its memory limit was reached',
] as const;

/** The signal that came first, where a handler of the worker's own raised the one that ended it. */
const FIRST = [
  ': invalid memory access',
  ': memory that could not be provided or was misaligned',
  ': illegal instruction',
  ': arithmetic fault',
  ': trap instruction, as runtimes use for a fatal internal error',
  ': forbidden system call',
  ': sent by a process',
  ': call stack of machine code exhausted',
  ': the process aborted itself',
  ': fatal signal',
] as const;

const WHILE_AWAY = [
  'the probe had recorded process.abort()',
  'the probe had recorded an unhandled exception',
  'the probe had recorded an unhandled promise rejection',
  'its debugger saw it die of a signal',
  'V8 reported an exhausted heap on standard error',
  "standard error ends with Node's report of an exception nobody handled",
  'the probe had recorded process.exit() with a code other than 0',
] as const;

const FORMS: ReadonlySet<string> = new Set([
  'exit {n}, but V8 had reported an exhausted heap on standard error',
  ...AFTER_ANY_END.map((end) => `exit {n}${end}`),
  ...AFTER_SIGNAL.flatMap((end) => [`{signal}${end}`, `exit {n}, as a shell reports {signal}${end}`]),
  ...FIRST.flatMap((first) => [
    `{signal}${first}, then {signal} by its own handler`,
    `{signal}${first}, then exit {n}, as a shell reports {signal} by its own handler`,
  ]),
  ...WHILE_AWAY.map((what) => `ended while crashmon was not its parent; ${what}`),
]);

/** Stands for a reason that is not known, of another version or of somebody's making. */
export const REASON_WITHHELD = 'The reason is not shown: it is none that this version of crashmon knows.';

/** The reason if it is one of crashmon's own for an exit that counts, else the sentence that says it is withheld. */
export function knownReason(reason: string): string {
  if (reason.length > 300) return REASON_WITHHELD;
  const form = reason
    .replace(/\bexit \d{1,3}\b/, 'exit {n}')
    .replaceAll(/\bSIG[A-Z]{2,6}\d{0,2}\b/g, '{signal}');
  return FORMS.has(form) ? reason : REASON_WITHHELD;
}
