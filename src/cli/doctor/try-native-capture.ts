import { closeSync, realpathSync, writevSync } from 'node:fs';
import { writeTrimmedCore } from '../../capture/native/trimmed-core.ts';
import type { AttachFailure } from '../../debugger/attach-failure.ts';
import { runSelfTest } from '../../debugger/self-test.ts';
import { unwindCore } from '../../symbols/native/unwind-core.ts';
import { namelessFile } from '../nameless-file.ts';

export type NativeTrial = {
  /** The debugger was its parent, as for armed workers if only ancestors can trace. */
  asParent: boolean;
  /** null: captured. */
  failure: AttachFailure | null;
  /** Of the stack read from the dump. */
  frames: number;
  sizeBytes: number;
};

/** Long, because a machine can be busy and nothing waits for the trial. */
const HOLD_LIMIT_MS = 2000;
const UNWIND_LIMIT_MS = 10_000;

/**
 * Captures a shell that gets a fatal signal, and reads the stack from its dump.
 * @param env of the shell
 */
export async function tryNativeCapture(
  gdbserverPath: string,
  asParent: boolean,
  env: NodeJS.ProcessEnv,
): Promise<NativeTrial> {
  let chunks: readonly Uint8Array[] = [];
  const outcome = await runSelfTest({
    gdbserverPath,
    launchEnv: asParent ? env : undefined,
    holdLimitMs: HOLD_LIMIT_MS,
    onFatal: (snapshot) => {
      chunks = writeTrimmedCore(snapshot).chunks;
    },
  });
  const sizeBytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (typeof outcome === 'object') return { asParent, failure: outcome, frames: 0, sizeBytes };
  if (outcome === 'not-captured') {
    const message = 'the debugger was attached, but the memory could not be read in time';
    return { asParent, failure: { failed: 'aborted', message }, frames: 0, sizeBytes };
  }
  return { asParent, failure: null, frames: await framesOf(chunks), sizeBytes };
}

/** The dump contains our environment: its file is unlinked before anything is written. */
async function framesOf(chunks: readonly Uint8Array[]): Promise<number> {
  const fd = namelessFile();
  if (fd === null) return 0;
  try {
    writevSync(fd, [...chunks]);
    const { threads } = await unwindCore({
      corePath: `/proc/${process.pid}/fd/${fd}`,
      executable: realpathSync('/bin/sh'),
      timeoutMs: UNWIND_LIMIT_MS,
    });
    return threads[0]?.frames.length ?? 0;
  } catch {
    return 0;
  } finally {
    closeSync(fd);
  }
}
