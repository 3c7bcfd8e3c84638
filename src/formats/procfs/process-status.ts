export type ProcessStatus = {
  /** One letter: R, S, D, Z (zombie), T (stopped), t (stopped by a tracer), X. */
  state: string;
  /** 0 if it is not traced. */
  tracerPid: number;
  /** Effective user id. */
  uid: number;
  threads: number;
  /** Signal sets: bit n-1 is signal n. */
  pending: bigint;
  blocked: bigint;
  ignored: bigint;
  caught: bigint;
};

/**
 * Parses `/proc/<pid>/status` (proc_pid_status(5)); null for other text. `pending` is both the thread's and the
 * process's.
 */
export function parseProcessStatus(text: string): ProcessStatus | null {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    // The first of a name counts: Name, which a process chooses itself, comes first and cannot hold a newline.
    if (colon > 0 && !fields.has(line.slice(0, colon))) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  const state = fields.get('State')?.[0];
  const tracerPid = Number(fields.get('TracerPid') ?? Number.NaN);
  const uid = Number(fields.get('Uid')?.split(/\s+/)[1] ?? Number.NaN);
  const threads = Number(fields.get('Threads') ?? 0);
  if (state === undefined || ![tracerPid, uid, threads].every(Number.isSafeInteger)) return null;
  const set = (name: string): bigint => {
    const hex = fields.get(name) ?? '';
    return /^[0-9a-f]{1,32}$/.test(hex) ? BigInt(`0x${hex}`) : 0n;
  };
  return {
    state,
    tracerPid,
    uid,
    threads,
    pending: set('SigPnd') | set('ShdPnd'),
    blocked: set('SigBlk'),
    ignored: set('SigIgn'),
    caught: set('SigCgt'),
  };
}

/** Whether a signal set holds signal `number`. */
export function hasSignal(set: bigint, number: number): boolean {
  return number > 0 && ((set >> BigInt(number - 1)) & 1n) === 1n;
}
