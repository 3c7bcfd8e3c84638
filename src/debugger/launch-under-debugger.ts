import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { type AttachOptions, attachBy } from './attach-debugger.ts';
import type { AttachFailure } from './attach-failure.ts';
import { GdbserverProcess } from './gdbserver-process.ts';
import type { DebuggerSession } from './session.ts';

/**
 * The first shell becomes gdbserver; the second, its child, waits for the worker and tells how it ended, whatever becomes
 * of gdbserver; the third becomes the worker once it may. They end with 3 where something is missing, before anything
 * is started. gdbserver has a session of its own, so that no terminal signals it.
 *
 * A shell without job control has its background commands ignore SIGINT and SIGQUIT and read nothing: both are put
 * right. Open: 3 to gdbserver, 4 to tell and be told, 5 the worker's standard input.
 */
const SCRIPT = `
gdbserver=$1; program=$2; shift 2
for needed in "$gdbserver" setsid "$program"; do command -v "$needed" >/dev/null || exit 3; done
env --default-signal=INT,QUIT true 2>/dev/null || exit 3
exec 5<&0
{
  trap : HUP TERM
  /bin/sh -c 'echo "$$" >&4; read -r go <&4 || exit; exec "$@" <&5 4>&- 5<&-' sh "$@" 3>&-
  echo "$?" >&4
} 3>&- &
exec 4>&- 5<&-
trap "" PIPE
exec setsid "$gdbserver" --once --multi - <&3 >&3 2>/dev/null 3>&-`;

/** The worker waits so long for its debugger, and starts at once where crashmon is gone or cannot have one. */
const GATE_MS = 300;
/** Shells write them, or one of them ours. */
const SHELLS_OWN = ['PWD', 'OLDPWD', 'SHLVL', '_'];

export type DebuggedLaunch<C> = {
  /** The worker's; it may have ended already. */
  pid: number;
  /** Where attaching failed the worker runs untraced. */
  session: Promise<DebuggerSession<C> | AttachFailure>;
  /**
   * As a shell has it: the exit code, or 128 and the signal. null where whoever was to tell was killed. The worker has
   * ended then, or nobody knows.
   */
  ended: Promise<number | null>;
};

/**
 * Starts a command below a debugger, for kernels that let only ancestors trace (`ptrace_scope` 1) and users without the
 * capability. The worker shares our session, process group, standard input and output.
 *
 * Returns null where it cannot be started so; nothing was started then.
 */
export async function launchUnderDebugger<C>(
  options: Omit<AttachOptions<C>, 'pid'> & {
    command: readonly string[];
    env: NodeJS.ProcessEnv;
    /** Variables that only the worker is to have, and not what stands between it and us. Not for secrets. */
    ownVariables: readonly string[];
    /** File descriptor for standard error, or `inherit`. */
    stderr: number | 'inherit';
    /** For standard input and output; inherited unless told. */
    stdin?: number | 'inherit';
    stdout?: number | 'inherit';
  },
): Promise<DebuggedLaunch<C> | null> {
  const { command, env, ownVariables, stderr, stdin = 'inherit', stdout = 'inherit', ...attaching } = options;
  const { gdbserverPath = 'gdbserver' } = options;
  const [program = ''] = command;
  // env(1) would take it for a variable or an option.
  if (program === '' || /=|^-/.test(program)) return null;
  const variables = [...ownVariables, ...SHELLS_OWN].flatMap((name) =>
    env[name] === undefined ? ['-u', name] : [],
  );
  const values = [...ownVariables, ...SHELLS_OWN].flatMap((name) =>
    env[name] === undefined ? [] : [`${name}=${env[name]}`],
  );
  const started = ['env', '--default-signal=INT,QUIT', ...variables, ...values, ...command];
  const shellEnv = { ...env };
  for (const name of ownVariables) delete shellEnv[name];
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'launch', gdbserverPath, program, ...started], {
    env: shellEnv,
    stdio: [stdin, stdout, stderr, 'pipe', 'pipe'],
  });
  const [wire, words] = [child.stdio[3] as Duplex, child.stdio[4] as Duplex];
  const gdbserver = new GdbserverProcess(child, wire, wire);
  const lines = readLines(words);
  const pid = await lines.next();
  if (pid === null || pid <= 0) {
    await gdbserver.kill(null);
    words.destroy();
    return null;
  }
  const session = attachBy(gdbserver, { ...attaching, pid });
  open(session, child, words);
  const ended = lines.next().finally(() => words.destroy());
  return { pid, session, ended };
}

function open(attached: Promise<unknown>, child: ChildProcess, words: Duplex): void {
  const go = () => {
    clearTimeout(timer);
    if (words.writable) words.end('\n');
  };
  const timer = setTimeout(go, GATE_MS);
  attached.then(go, go);
  child.once('exit', go);
}

/** Numbers, one a line; null when there are no more. Each is asked for once the one before it has come. */
function readLines(stream: Duplex): { next(): Promise<number | null> } {
  const numbers: (number | null)[] = [];
  let wake = () => {};
  let text = '';
  stream.on('data', (bytes: Buffer) => {
    const lines = `${text}${bytes}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) numbers.push(/^\d{1,10}$/.test(line) ? Number(line) : null);
    wake();
  });
  for (const event of ['end', 'close', 'error']) {
    stream.once(event, () => {
      numbers.push(null);
      wake();
    });
  }
  return {
    async next() {
      while (numbers.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return numbers.shift() ?? null;
    },
  };
}
