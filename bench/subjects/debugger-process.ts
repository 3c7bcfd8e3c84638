import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { openChannel } from '../processes/channel.ts';
import { startProcess } from '../processes/started-process.ts';
import { benchProgram } from './crashmon-command.ts';

/** A process that holds debugger sessions, separate from the bench. */
export type DebuggerProcess = AsyncDisposable & {
  readonly selfTestMs: number;
  /** @param options.whole all memory is kept at a crash, too */
  attach(pid: number, options?: { whole: boolean }): Promise<void>;
  detach(pid: number): Promise<void>;
  isAttached(pid: number): Promise<boolean>;
  /** The capture of an attached process that crashed; `keep` is a file for the trimmed core. */
  death(pid: number, keep?: string): Promise<Captured>;
};

export type Captured = {
  holdMs: number;
  classifyMs: number;
  trimMs: number;
  writeMs: number;
  threads: number;
  sizeBytes: number;
  /** 1 if it was classified as the fault of the bench's program. */
  nullAccess: number;
};

export type DebuggerFlags = {
  /** Node.js flags; default: those of the agent. */
  flags?: readonly string[];
  /** V8 flags set once it runs, before the self-test. */
  later?: readonly string[];
};

export async function startDebuggerProcess(
  directory: string,
  name: string,
  { flags = agentFlags(), later = [] }: DebuggerFlags = {},
): Promise<DebuggerProcess> {
  await using stack = new AsyncDisposableStack();
  const channel = stack.use(await openChannel(directory, `${name}.sock`));
  const [node = '', ...rest] = benchProgram('debugger.mjs');
  const env = { ...channel.environmentFor(name), V8_FLAGS: later.join(' ') };
  stack.use(
    startProcess([node, ...flags, ...rest], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      deadlineMs: DEADLINE_MS,
    }),
  );
  const member = await channel.arrival(name);
  if (member.hello.selfTest !== 'captured') throw new Error(`no session: ${JSON.stringify(member.hello)}`);
  const order = async (request: object): Promise<Record<string, number>> => {
    const answer = await member.ask(request);
    if ('error' in answer) throw new Error(String(answer.error));
    return answer;
  };
  const resources = stack.move();
  return {
    selfTestMs: Number(member.hello.selfTestMs),
    attach: async (pid, options) => void (await order({ order: 'attach', pid, ...options })),
    detach: async (pid) => void (await order({ order: 'detach', pid })),
    isAttached: async (pid) => (await order({ order: 'state', pid })).attached === 1,
    death: async (pid, keep) => (await order({ order: 'death', pid, keep })) as Captured,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const DEADLINE_MS = 1_200_000;

/** Read from the source, so that the bench measures the same flags. */
export function agentFlags(): string[] {
  const source = readFileSync(join(CHECKOUT, 'src', 'cli', 'start', 'become-agent.ts'), 'utf8');
  const list = /NODE_FLAGS = \[([^\]]*)\]/.exec(source)?.[1] ?? '';
  const flags = [...list.matchAll(/'(--[^']+)'/g)].map(([, flag = '']) => flag);
  if (flags.length === 0) throw new Error('the flags of the agent are not found');
  return flags;
}
