import type { NoCapture } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';

/** Why the next crash like the last one will have no call stack, and what to do instead; no full stop. */
export function noCaptureWords({ why, runtime, code }: NoCapture): string {
  const ended = `an armed run ended${code === null ? '' : ` with exit code ${code}`}`;
  switch (why) {
    case 'runtime':
      return runtime === null ? 'crashmon cannot read exceptions of this runtime' : exceptionsOf(runtime);
    case 'untraced':
      return runtime === 'java'
        ? 'crashmon attaches no debugger to Java; the JVM writes an hs_err file'
        : 'crashmon attaches no debugger to Go; the stacks of the goroutines are on standard error';
    case 'oom-kill':
      return 'an OOM kill leaves no call stack; compare the memory limit with what the worker needs';
    case 'top-level-await':
      return 'a top-level await that never settles has no call stack; Node.js 22 and later name the await on standard error';
    case 'bad-option':
      return 'Node.js rejected an option before it ran any code; standard error names the option';
    case 'not-started':
      return 'a start script could not run its command; check the path and the permissions of the command';
    case 'other-process':
      return 'the exception was in a child process, not in the main process; its stack is on standard error; run that process itself under crashmon';
    case 'no-record':
      return `${ended}, but without an exception or a call of process.exit in its main process; a child process may have failed`;
    case 'no-probe':
      return runtime === 'node'
        ? `${ended}, and Node.js had not loaded the probe; a start script may change NODE_OPTIONS`
        : `${ended}, and no Node.js process was seen in it`;
    case 'no-debugger':
      return 'no debugger can be attached, and a fatal signal needs one; crashmon doctor says why';
    case 'cannot-arm':
      return 'workers of this command cannot be started with the probe; crashmon doctor says why';
  }
}

/** What a fatal signal could still bring, where exits of a runtime cannot be captured. */
export function exceptionsOf(runtime: Runtime): string {
  switch (runtime) {
    case 'node':
      return 'the probe was not loaded';
    case 'python':
      return 'crashmon cannot read exceptions of Python yet; the traceback is on standard error';
    case 'ruby':
      return 'crashmon cannot read exceptions of Ruby yet; the backtrace is on standard error';
    case 'perl':
      return 'crashmon cannot read errors of Perl; the message of die is on standard error';
    case 'php':
      return 'crashmon cannot read errors of PHP; they are on standard error or in its error log';
    case 'java':
      return 'crashmon cannot read exceptions of Java; the stack trace is on standard error, and System.exit leaves none';
    case 'dotnet':
      return 'crashmon cannot read exceptions of .NET; the stack trace is on standard error';
    case 'go':
      return 'crashmon cannot capture a Go panic; the stacks of the goroutines are on standard error';
    case 'bun':
      return 'crashmon reads exceptions of Node.js, not of Bun; the stack is on standard error';
    case 'deno':
      return 'crashmon reads exceptions of Node.js, not of Deno; the stack is on standard error';
    case 'native':
      return 'a program that exits with a code leaves no call stack; one that ends by a fatal signal does';
  }
}
