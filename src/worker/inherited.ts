import { readFileSync } from 'node:fs';

/**
 * What the worker inherits from before crashmon although Node does not pass it on: Node forgets which signals are
 * ignored, raises the soft limit of open files, and marks inherited descriptors close-on-exec.
 */
export type Inherited = {
  /** Numbers from 1 to 31; Node leaves real-time signals alone. */
  readonly ignoredSignals: readonly number[];
  /** As `ulimit -S -n` prints it; null if it is not known. */
  readonly openFiles: string | null;
  /** Standard input, output and error included; null if they are not known. */
  readonly descriptors: readonly number[] | null;
};

const NOTHING_INHERITED: Inherited = { ignoredSignals: [], openFiles: null, descriptors: null };

const LAST_SIGNAL = 31;
/** SIGKILL and SIGSTOP cannot be ignored. */
const NEVER_IGNORED = [9, 19];

/** @param text CRASHMON_INHERITED, as `keep-for-worker.sh` wrote it: mask of signals, limit, descriptors */
export function parseInherited(text: string | undefined): Inherited {
  const match = /^([0-9a-f]{1,16}) (\d+|unlimited)((?: \d{1,7})*)$/i.exec(text ?? '');
  if (match === null) return NOTHING_INHERITED;
  const [, mask = '0', openFiles = '', descriptors = ''] = match;
  const bits = BigInt(`0x${mask}`);
  return {
    ignoredSignals: Array.from({ length: LAST_SIGNAL }, (_, index) => index + 1).filter(
      (signal) => (bits >> BigInt(signal - 1)) % 2n === 1n && !NEVER_IGNORED.includes(signal),
    ),
    openFiles,
    descriptors: descriptors
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .sort((one, other) => one - other),
  };
}

export function withoutDescriptor(inherited: Inherited, descriptor: number): Inherited {
  const descriptors = inherited.descriptors?.filter((other) => other !== descriptor) ?? null;
  return { ...inherited, descriptors };
}

/**
 * Inherited descriptors from 3 on that an exec would close. Node does not see those above a gap from 16 on: they reach
 * every child as they are.
 */
export function descriptorsToPass({ descriptors }: Inherited): number[] {
  return (descriptors ?? []).filter((descriptor) => descriptor >= 3 && isCloseOnExec(descriptor));
}

function isCloseOnExec(descriptor: number): boolean {
  return (descriptorFlags(descriptor) & 0o2000000) !== 0;
}

/** 0 where there is no such descriptor. */
function descriptorFlags(descriptor: number): number {
  try {
    const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    return Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? '0', 8);
  } catch {
    return 0;
  }
}
