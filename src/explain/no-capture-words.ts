import type { NoCapture } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';
import { runtimeWords } from './runtime-words.ts';

/** Why a crash like the last one cannot be captured, and what to do instead; no full stop. */
export function noCaptureWords({ why, runtime, code }: NoCapture): string {
  const ended = `an armed run exited${code === null ? '' : ` with code ${code}`}`;
  switch (why) {
    case 'runtime':
      return runtime === null ? 'crashmon cannot read exceptions of this runtime' : exceptionsOf(runtime);
    case 'untraced':
      return untraced(runtime);
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
    case 'worker-process':
      return workerProcess(runtime, code);
    case 'no-record':
      return runtime === null || runtime === 'node'
        ? `${ended}, but its main process recorded no exception and no process.exit call; a child process may have failed`
        : `${ended}, but no exception ended its main process; it exited deliberately, or a child process failed`;
    case 'no-probe':
      return noProbe(runtime, code, ended);
    case 'no-debugger':
      return 'crashmon cannot attach a debugger, which it needs for a fatal signal; crashmon doctor or the log of crashmon agent shows the reason';
    case 'cannot-arm':
      return 'this command cannot be started with the probe; crashmon doctor shows the reason';
    case 'only-watched':
      return runtime === 'go' || runtime === 'java' || runtime === 'dotnet'
        ? `crashmon agent attaches nothing to ${runtimeWords({ name: runtime, version: null })}; its crashes are explained by what it prints last`
        : 'crashmon agent captures uncaught exceptions and exits of Node.js, and fatal signals of any program; other exits are explained by what the service prints last';
    case 'switched-off':
      return 'captures of this service are switched off (--no-debugger)';
    case 'no-exit-watch':
      return 'the exit watch of crashmon agent cannot be started; the log of crashmon agent shows the reason';
    case 'not-permitted':
      return 'the kernel does not allow crashmon agent to watch this process; run it as root with CAP_SYS_PTRACE';
    case 'tracing-disabled':
      return 'ptrace is disabled until reboot (kernel.yama.ptrace_scope is 3); set it to a lower value in /etc/sysctl.d, and reboot';
    case 'already-traced':
      return 'another debugger is attached to this process, and the kernel allows only one';
    case 'exit-watched':
      return 'crashmon agent is already the one tracer that this process can have, to learn how it ends; its crashes are explained by what it prints last, an OOM kill by what filled its memory';
    case 'unreadable':
      return 'this Node.js does not export the description of its heap, so its exceptions cannot be read';
    case 'no-state':
      return 'a capture needs a writable state directory; crashmon doctor shows the reason';
  }
}

function untraced(runtime: Runtime | null): string {
  if (runtime === 'java') return 'crashmon attaches no debugger to Java; the JVM writes an hs_err file';
  return runtime === 'dotnet'
    ? 'crashmon attaches no debugger to .NET, whose createdump needs to trace the process itself; crashmon reads what .NET prints, and a session keeps the dump of createdump'
    : 'crashmon attaches no debugger to Go; the stacks of the goroutines are on standard error';
}

/** Of a process below the main one. */
function workerProcess(runtime: Runtime | null, code: number | null): string {
  if (code === null)
    return 'such an end of a process below the main process leaves nothing to capture; crashmon reads what that process prints last';
  if (runtime === 'node')
    return 'no exception ended the process below the main process, and it called no process.exit';
  return 'of a process below the main process, crashmon captures exceptions of Node.js only; it reads what others print last';
}

/** Where each probe is named. */
const VARIABLES: Partial<Record<Runtime, string>> = {
  node: 'NODE_OPTIONS',
  python: 'PYTHONPATH',
  ruby: 'RUBYOPT',
  perl: 'PERL5OPT',
};

function noProbe(runtime: Runtime | null, code: number | null, ended: string): string {
  const variable = runtime === null ? undefined : VARIABLES[runtime];
  if (runtime === null || variable === undefined)
    return `${ended}, but crashmon saw no process with a probe in it`;
  if (code === null) return 'this run started before crashmon knew what it runs; the next one has the probe';
  const name = runtimeWords({ name: runtime, version: null });
  return `${ended}, but ${name} had not loaded the probe; a start script or an option may override ${variable}`;
}

/** Why an exit of this runtime cannot be captured, and where to look instead. */
export function exceptionsOf(runtime: Runtime): string {
  switch (runtime) {
    case 'node':
    case 'python':
    case 'ruby':
    case 'perl':
      return `the probe of ${runtimeWords({ name: runtime, version: null })} was not loaded`;
    case 'php':
      return 'PHP has no probe, and crashmon reads the error that it prints; if crashes repeat, the CLI is started with log_errors=1';
    case 'java':
      return 'Java has no probe, and crashmon reads the stack trace that it prints; System.exit leaves none';
    case 'dotnet':
      return '.NET has no probe, and crashmon reads the stack trace that it prints';
    case 'go':
      return 'Go has no probe, and crashmon reads the stack that a panic prints';
    case 'rust':
      return 'Rust has no probe, and crashmon reads the panic that it prints; if crashes repeat, it is started with RUST_BACKTRACE=1';
    case 'erlang':
      return 'Erlang and Elixir have no probe, and crashmon reads the exception that they print';
    case 'bun':
      return 'Bun has no probe, and crashmon reads the exception that it prints';
    case 'deno':
      return 'Deno has no probe, and crashmon reads the exception that it prints';
    case 'native':
      return 'an exit with a code leaves no call stack; a fatal signal does';
  }
}
