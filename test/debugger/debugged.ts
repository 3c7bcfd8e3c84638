import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { attachDebugger } from '../../src/debugger/attach-debugger.ts';
import type { AttachFailure } from '../../src/debugger/attach-failure.ts';
import type { AttachOptions } from '../../src/debugger/attach-options.ts';
import type { DebuggerSession, SessionEvent } from '../../src/debugger/session.ts';
import { readChildren } from '../../src/debugger/traced-process.ts';
import { parseProcessStatus } from '../../src/formats/procfs/process-status.ts';
import type { ProcessSnapshot } from '../../src/model/process-snapshot.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';

/** Options of Node.js for a script whose modules this process has, too: they are not compiled again. */
export const COMPILED = ['--import', path.join(import.meta.dirname, '../support/compile-cache.mjs')];

/** Starts a program that says "ready" and waits for lines. */
export async function startReady(program: string, ...args: string[]): Promise<RunningProgram> {
  const worker = startProgram(program, args, { input: 'open', deadlineMs: 120_000 });
  await worker.waitForLine('stdout', /^ready/);
  return worker;
}

/** The same as the first process of a PID namespace, like a container's. `init`: its ID here. */
export async function startReadyAsInit(
  program: string,
  ...args: string[]
): Promise<RunningProgram & { init: number }> {
  const worker = await startReady('unshare', '--pid', '--fork', '--kill-child', program, ...args);
  return Object.assign(worker, { init: readChildren(worker.pid)[0] ?? 0 });
}

export type Attached = DebuggerSession<Seen> & { events: SessionEvent[] };
/** What the tests want to know of a snapshot, taken while it was valid. */
export type Seen = { snapshot: ProcessSnapshot; stackBytes: number; codeBytes: number };

/** Attaches and looks at what is captured; the machine may be busy, so that the limits are wide. */
export async function attach(pid: number, options: Partial<AttachOptions<Seen>> = {}): Promise<Attached> {
  const events: SessionEvent[] = [];
  const session = await attachDebugger<Seen>({
    pid,
    holdLimitMs: 20_000,
    answerLimitMs: 20_000,
    onFatal: look,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  assert.ok(!('failed' in session), `not attached: ${(session as AttachFailure).message}`);
  assert.equal(stateOf(pid)?.tracerPid, session.debuggerPid);
  return Object.assign(session, { events });
}

export function look(snapshot: ProcessSnapshot): Seen {
  const { instructionPointer, stackPointer } = pointers(snapshot);
  return {
    snapshot,
    stackBytes: snapshot.readMemory(stackPointer, 256).length,
    codeBytes: snapshot.readMemory(instructionPointer, 8).length,
  };
}

export function pointers(snapshot: ProcessSnapshot, thread = 0) {
  const registers = snapshot.threads[thread]?.registers ?? new Uint8Array();
  assert.equal(registers.length, 27 * 8);
  const view = new DataView(registers.buffer, registers.byteOffset, registers.byteLength);
  return {
    instructionPointer: view.getBigUint64(16 * 8, true),
    stackPointer: view.getBigUint64(19 * 8, true),
    threadBase: view.getBigUint64(21 * 8, true),
  };
}

export function stateOf(pid: number) {
  try {
    return parseProcessStatus(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return null;
  }
}

/** Looks again until it is so. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `not so after 120 s: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
