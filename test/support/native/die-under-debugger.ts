import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { classifyFault } from '../../../src/analysis/fault/classify-fault.ts';
import { type TrimmedCore, writeTrimmedCore } from '../../../src/capture/native/trimmed-core.ts';
import { attachDebugger } from '../../../src/debugger/attach-debugger.ts';
import type { AttachOptions } from '../../../src/debugger/attach-options.ts';
import type { SessionEnd, SessionEvent } from '../../../src/debugger/session.ts';
import type { FaultClassification } from '../../../src/model/fault.ts';
import type { NativeStack } from '../../../src/model/native-stack.ts';
import type { ProcessSnapshot } from '../../../src/model/process-snapshot.ts';
import { unwindCore } from '../../../src/symbols/native/unwind-core.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

export type Captured<T> = {
  core: TrimmedCore;
  fault: FaultClassification;
  executable: string;
  /** What `look` returned. */
  seen: T;
};

export type Death<T> = {
  end: SessionEnd<Captured<T>>;
  events: readonly SessionEvent[];
  /** null where nothing was captured, or not kept. */
  fault: FaultClassification | null;
  stack: NativeStack | null;
  coreBytes: number;
  seen: T | null;
};

export type DeathOptions<T> = Partial<Omit<AttachOptions<unknown>, 'pid' | 'onFatal' | 'onEvent'>> & {
  /** Reads more from the process while it is held. */
  look?: (snapshot: ProcessSnapshot) => T;
  allThreads?: boolean;
};

/**
 * Attaches a debugger to a process, does what kills it, and waits until the process is gone: what was captured becomes
 * a core file, and that a stack. The machine may be busy, so that the limits are wide.
 */
export async function dieUnderDebugger<T = undefined>(
  pid: number,
  kill: () => void | Promise<void>,
  { look, allThreads = false, ...attaching }: DeathOptions<T> = {},
): Promise<Death<T>> {
  const events: SessionEvent[] = [];
  const session = await attachDebugger<Captured<T>>({
    holdLimitMs: 60_000,
    answerLimitMs: 60_000,
    ...attaching,
    pid,
    onEvent: (event) => void events.push(event),
    onFatal: (snapshot) => ({
      fault: classifyFault(snapshot),
      seen: look?.(snapshot) as T,
      core: writeTrimmedCore(snapshot),
      executable: snapshot.executable,
    }),
  });
  assert.ok(!('failed' in session), 'failed' in session ? `not attached: ${session.message}` : '');
  await using attached = session;
  await kill();
  const end = await attached.ended;
  const capture = 'capture' in end ? end.capture : null;
  if (capture === null) return { end, events, fault: null, stack: null, coreBytes: 0, seen: null };
  const { fault, seen, core } = capture.value;
  return {
    end,
    events,
    fault,
    stack: await unwound(capture.value, allThreads),
    coreBytes: core.sizeBytes,
    seen,
  };
}

async function unwound({ core, executable }: Captured<unknown>, allThreads: boolean): Promise<NativeStack> {
  await using directory = await temporaryDirectory('death');
  const corePath = path.join(directory.path, 'core');
  await writeFile(corePath, Buffer.concat(core.chunks), { mode: 0o600 });
  return await unwindCore({ corePath, executable, timeoutMs: 240_000, allThreads });
}

/** Names of the functions of the thread that died, innermost first; of code without names, `file+offset`. */
export function namesOf(stack: NativeStack | null): string[] {
  return (stack?.threads[0]?.frames ?? []).map(
    ({ function: name, module, moduleOffset }) =>
      name ?? `${path.basename(module ?? '?')}+0x${(moduleOffset ?? 0n).toString(16)}`,
  );
}
