import { spawn } from 'node:child_process';

/** Seconds of processor time. At the lowest priority, a busy machine gives a second of it in many. */
const CPU_SECONDS = 12;

export type ToolLimits = {
  /** Wall time; the limit of processor time is the same for all tools. */
  timeoutMs: number;
  /** Address space of the tool, core file included. */
  memoryBytes: number;
  /** Per stream; beyond it, output is discarded and the tool killed. */
  outputBytes: number;
  signal: AbortSignal | undefined;
};

export type ToolResult = {
  stdout: string;
  stderr: string;
  /** `missing`: not installed. `stopped`: by a limit, or it crashed. */
  outcome: 'done' | 'missing' | 'timed-out' | 'stopped';
};

/**
 * Runs a debugging tool at its caller's priority, within limits, with only the given environment (so that it fetches no debug
 * information from the network) and without input. Kills it at a limit and keeps its output so far. Never throws.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  limits: ToolLimits,
  environment: Readonly<Record<string, string>> = {},
): Promise<ToolResult> {
  const bounded = [
    `--as=${Math.round(limits.memoryBytes)}`,
    '--core=0:0',
    `--cpu=${CPU_SECONDS}:${CPU_SECONDS + 1}`,
  ];
  const result = await run('prlimit', [...bounded, '--', command, ...args], limits, environment);
  if (result.outcome === 'missing') return await run(command, args, limits, environment);
  // prlimit's own message that it could not start the tool.
  const notFound = result.stdout === '' && /^prlimit: failed to execute /m.test(result.stderr);
  return notFound ? { ...result, outcome: 'missing' } : result;
}

/** System tools, never from the PATH of the worker. */
const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
};

function run(
  command: string,
  args: readonly string[],
  limits: ToolLimits,
  environment: Readonly<Record<string, string>>,
): Promise<ToolResult> {
  const { promise, resolve } = Promise.withResolvers<ToolResult>();
  if (limits.signal?.aborted) return Promise.resolve({ stdout: '', stderr: '', outcome: 'stopped' });
  const child = spawn(command, [...args], {
    cwd: '/',
    env: { ...ENVIRONMENT, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let outcome: ToolResult['outcome'] = 'done';
  const kill = (why: ToolResult['outcome']) => {
    if (outcome === 'done') outcome = why;
    child.kill('SIGKILL');
  };
  const onAbort = () => kill('stopped');
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => kill('timed-out'), limits.timeoutMs);
  const collect = (stream: NodeJS.ReadableStream) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      if (size + chunk.length > limits.outputBytes) kill('stopped');
      else chunks.push(chunk);
      size += chunk.length;
    });
    return () => Buffer.concat(chunks).toString('utf8');
  };
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.once('error', (error: NodeJS.ErrnoException) => {
    outcome = error.code === 'ENOENT' ? 'missing' : 'stopped';
    if (child.pid === undefined) finish();
  });
  child.once('close', (_code, signal) => {
    if (signal !== null && outcome === 'done') outcome = signal === 'SIGXCPU' ? 'timed-out' : 'stopped';
    finish();
  });
  return promise;

  function finish(): void {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
    resolve({ stdout: stdout(), stderr: stderr(), outcome });
  }
}
