import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { AttachFailure } from './attach-failure.ts';
import type { AttachOptions } from './attach-options.ts';
import { GdbserverProcess } from './gdbserver-process.ts';
import { isTracingDisabled } from './ptrace-scope.ts';
import type { DebuggerSession } from './session.ts';
import { Tracer } from './tracer.ts';

/**
 * The first shell becomes gdbserver; the second, its child, waits for the worker and reports how it ended, whatever
 * happens to gdbserver; the third becomes the worker when the gate opens. They exit with 3 if something is missing,
 * before anything is started. gdbserver has a session of its own, so that no terminal signals it.
 *
 * In a shell without job control background commands ignore SIGINT and SIGQUIT and read nothing: both are restored. The
 * second shell's message (`Segmentation fault`) must not reach the worker's standard error, but it distinguishes a
 * signal from an exit code above 128; dash writes it to where the command's own 2 is redirected.
 * @param passed closed for all but the worker, as far as a shell can
 */
function script({ wire, words, input, errors }: Descriptors, passed: readonly number[]): string {
  const close = passed
    .filter((descriptor) => descriptor <= LAST_OF_SHELL)
    .map((descriptor) => ` ${descriptor}<&-`)
    .join('');
  return `
gdbserver=$1; program=$2; shift 2
for needed in "$gdbserver" setsid "$program"; do command -v "$needed" >/dev/null || exit 3; done
env --default-signal=INT,QUIT true 2>/dev/null || exit 3
exec ${input}<&0 ${errors}>&2
{
  trap : HUP TERM
  /bin/sh -c 'echo "$$" >&${words}; read -r go <&${words} || exit
    exec "$@" <&${input} 2>&${errors} ${words}>&- ${input}<&- ${errors}>&-' sh "$@" ${wire}>&-
  echo "$?" >&${words}
} 2>&${words} ${wire}>&- &
exec ${words}>&- ${input}<&- ${errors}>&-${close}
trap "" PIPE
read -r go <&${wire} || exit
exec setsid "$gdbserver" --once --multi - <&${wire} >&${wire} 2>/dev/null ${wire}>&-`;
}

/** Of a shell: to gdbserver, for reports in both directions, the worker's standard input and error. */
type Descriptors = { wire: number; words: number; input: number; errors: number };

/** dash knows only one digit. */
const LAST_OF_SHELL = 9;

/** null if the worker needs so many that four are not left. */
function freeDescriptors(passed: readonly number[]): Descriptors | null {
  const free: number[] = [];
  for (let number = 3; number <= LAST_OF_SHELL; number++) if (!passed.includes(number)) free.push(number);
  const [wire, words, input, errors] = free;
  if (wire === undefined || words === undefined || input === undefined || errors === undefined) return null;
  return { wire, words, input, errors };
}

/** How long the worker waits for its debugger; it starts immediately if crashmon has ended or cannot attach one. */
const GATE_MS = 300;
/** Shells set them, and some replace ours. */
const SHELLS_OWN = ['PWD', 'OLDPWD', 'SHLVL', '_'];
/** SIGINT and SIGPIPE. */
const WITHOUT_MESSAGE = [2, 13];
/** Of a message that contains a command. */
const MAX_LINE = 1024;

export type DebuggedLaunch<C> = {
  /** The worker's; it may have ended already. */
  pid: number;
  /** Where attaching failed the worker runs untraced. */
  session: Promise<DebuggerSession<C> | AttachFailure>;
  /** null if the shell that reports it was killed; then it is unknown. */
  ended: Promise<LaunchEnd | null>;
  /** For descendants of the worker, and for the worker itself once `session` has ended. The caller must end it. */
  tracer: Tracer;
};

/**
 * As a shell reports it: 128 plus the number of the signal. For SIGINT and SIGPIPE it prints no message, so the exit
 * codes 130 and 141 are taken for them.
 */
export type LaunchEnd = { status: number; isSignal: boolean };

/**
 * Starts a command below a debugger, for kernels that let only ancestors trace (`ptrace_scope` 1) and users without the
 * capability. The worker shares our session, process group, standard input and output.
 *
 * Returns null if that is not possible; then nothing was started.
 */
export async function launchUnderDebugger<C>(
  options: Omit<AttachOptions<C>, 'pid'> & {
    command: readonly string[];
    env: NodeJS.ProcessEnv;
    /** Variables for the worker alone, and not for the shells in between. Not for secrets. */
    ownVariables: readonly string[];
    /** File descriptor for standard error, or `inherit`. */
    stderr: number | 'inherit';
    /** For standard input and output; inherited by default. */
    stdin?: number | 'inherit';
    stdout?: number | 'inherit';
    /** How long the worker can wait for its debugger; 300 ms by default. */
    gateMs?: number;
    /** From 3 on: our open descriptors that the worker inherits under the same number. */
    passed?: readonly number[];
  },
): Promise<DebuggedLaunch<C> | null> {
  const {
    command,
    env,
    ownVariables,
    stderr,
    stdin = 'inherit',
    stdout = 'inherit',
    gateMs = GATE_MS,
    passed = [],
    ...attaching
  } = options;
  const { gdbserverPath = 'gdbserver' } = options;
  const [program = ''] = command;
  // env(1) would take it for a variable or an option.
  if (program === '' || /=|^-/.test(program) || isTracingDisabled()) return null;
  const descriptors = freeDescriptors(passed);
  if (descriptors === null) return null;
  const variables = [...ownVariables, ...SHELLS_OWN].flatMap((name) =>
    env[name] === undefined ? ['-u', name] : [],
  );
  const values = [...ownVariables, ...SHELLS_OWN].flatMap((name) =>
    env[name] === undefined ? [] : [`${name}=${env[name]}`],
  );
  const started = ['env', '--default-signal=INT,QUIT', ...variables, ...values, ...command];
  const shellEnv = { ...env };
  for (const name of ownVariables) delete shellEnv[name];
  const child = spawn(
    '/bin/sh',
    ['-c', script(descriptors, passed), 'launch', gdbserverPath, program, ...started],
    { env: shellEnv, stdio: [stdin, stdout, stderr, ...streams(descriptors, passed)] },
  );
  const wire = child.stdio[descriptors.wire] as Duplex;
  const words = child.stdio[descriptors.words] as Duplex;
  const gdbserver = new GdbserverProcess(child, wire, wire);
  gdbserver.watch(0, options.watchdogProgram);
  gdbserver.start();
  // Now: otherwise Node reads the streams of a child that has ended to their end.
  const tracer = new Tracer(gdbserver, { stays: true, isAncestor: true });
  const lines = readLines(words);
  const pid = await readPid(lines);
  if (pid === null) {
    await gdbserver.kill(null);
    words.destroy();
    return null;
  }
  const session = tracer.attach({ ...attaching, pid });
  open([session, gdbserver.exited], words, gateMs);
  const ended = readEnd(lines).finally(() => words.destroy());
  return { pid, session, ended, tracer };
}

/** From 3 on. */
function streams({ wire, words }: Descriptors, passed: readonly number[]): ('pipe' | 'ignore' | number)[] {
  const length = Math.max(wire, words, ...passed) + 1 - 3;
  return Array.from({ length }, (_, index) => {
    const number = index + 3;
    if (number === wire || number === words) return 'pipe';
    return passed.includes(number) ? number : 'ignore';
  });
}

async function readPid(lines: Lines): Promise<number | null> {
  for (;;) {
    const line = await lines.next();
    if (line === null) return null;
    // Some shells print a message about the locale first.
    if (/^[1-9]\d{0,9}$/.test(line)) return Number(line);
  }
}

async function readEnd(lines: Lines): Promise<LaunchEnd | null> {
  let hasMessage = false;
  for (;;) {
    const line = await lines.next();
    if (line === null) return null;
    if (!/^\d{1,3}$/.test(line)) hasMessage = true;
    else {
      const status = Number(line);
      return { status, isSignal: status > 128 && (hasMessage || WITHOUT_MESSAGE.includes(status - 128)) };
    }
  }
}

function open(reasons: readonly Promise<unknown>[], words: Duplex, gateMs: number): void {
  const go = () => {
    clearTimeout(timer);
    if (words.writable) words.end('\n');
  };
  const timer = setTimeout(go, gateMs);
  for (const reason of reasons) reason.then(go, go);
}

type Lines = { next(): Promise<string | null> };

/** null when there are no more. Each is asked for once the one before it has come. */
function readLines(stream: Duplex): Lines {
  const lines: (string | null)[] = [];
  let wake = () => {};
  let text = '';
  stream.on('data', (bytes: Buffer) => {
    const parts = `${text}${bytes}`.split('\n');
    text = (parts.pop() ?? '').slice(0, MAX_LINE);
    lines.push(...parts);
    wake();
  });
  for (const event of ['end', 'close', 'error']) {
    stream.once(event, () => {
      lines.push(null);
      wake();
    });
  }
  return {
    async next() {
      while (lines.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return lines.shift() ?? null;
    },
  };
}
