import type { NoCapture } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';

/** Why a crash like the last one cannot be captured, and what to do instead; no full stop. */
export function noCaptureWords({ why, runtime, code }: NoCapture): string {
  const ended = `an armed run exited${code === null ? '' : ` with code ${code}`}`;
  switch (why) {
    case 'runtime':
      return runtime === null ? 'crashmon cannot read exceptions of this runtime' : exceptionsOf(runtime);
    case 'untraced':
      return runtime === 'java'
        ? 'crashmon attaches no debugger to Java; the JVM writes an hs_err file'
        : 'crashmon attaches no debugger to Go; the stacks of the goroutines are on standard error';
    case 'oom-kill':
      return 'an OOM kill leaves no call stack; compare the memory limit with the memory use of the worker';
    case 'top-level-await':
      return 'a top-level await that never settles has no call stack; Node.js 22 and later name the await on standard error';
    case 'bad-option':
      return 'Node.js rejected a command-line option before it ran any code; standard error names the option';
    case 'not-started':
      return 'a start script could not run its command; check the path and the permissions of the command';
    case 'other-process':
      return 'the exception was in a child process, not in the main process; its stack is on standard error; to capture it, run that process under crashmon';
    case 'no-record':
      return `${ended}, but its main process recorded no exception and no process.exit call; a child process may have failed`;
    case 'no-probe':
      return runtime === 'node'
        ? `${ended}, but Node.js had not loaded the probe; a start script may override NODE_OPTIONS`
        : `${ended}, but crashmon saw no Node.js process in it`;
    case 'no-debugger':
      return 'crashmon cannot attach a debugger, which it needs for a fatal signal; crashmon doctor shows the reason';
    case 'cannot-arm':
      return 'this command cannot be started with the probe; crashmon doctor shows the reason';
    case 'no-state':
      return 'a capture needs a writable state directory; crashmon doctor shows the reason';
  }
}

/** Why an exit of this runtime cannot be captured, and where to look instead. */
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
    case 'rust':
      return 'crashmon cannot capture a Rust panic; its place is on standard error';
    case 'erlang':
      return 'crashmon cannot read exceptions of Erlang and Elixir; they are on standard error';
    case 'bun':
      return 'crashmon reads exceptions of Node.js, not of Bun; the stack is on standard error';
    case 'deno':
      return 'crashmon reads exceptions of Node.js, not of Deno; the stack is on standard error';
    case 'native':
      return 'an exit with a code leaves no call stack; a fatal signal does';
  }
}
