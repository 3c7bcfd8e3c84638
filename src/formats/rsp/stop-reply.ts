import { badPacket } from './bad-packet.ts';
import { parseHexNumber } from './hex.ts';
import { toLinuxSignal } from './target-signal.ts';
import { parseThreadId, type ThreadId } from './thread-id.ts';

export type StopReply =
  /** `signal` is Linux's number, 0 for a thread that was asked to stop, null for one that Linux does not have. */
  | { type: 'stopped'; thread: ThreadId; signal: number | null; reason: StopReason }
  | { type: 'exited'; pid: number; code: number }
  | { type: 'killed'; pid: number; signal: number | null }
  | { type: 'thread-exited'; thread: ThreadId }
  | { type: 'none-running' };

/** Why a thread stopped where it was not for a signal: then nothing is to be passed on. */
export type StopReason = 'signal' | 'exec' | 'fork' | 'vfork' | 'thread-created' | 'syscall' | 'other';

const REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['exec', 'exec'],
  ['fork', 'fork'],
  ['vfork', 'vfork'],
  ['vforkdone', 'other'],
  ['create', 'thread-created'],
  ['syscall_entry', 'syscall'],
  ['syscall_return', 'syscall'],
  ['watch', 'other'],
  ['rwatch', 'other'],
  ['awatch', 'other'],
  ['library', 'other'],
  ['replaylog', 'other'],
]);

/**
 * Parses a stop reply (`T`, `S`, `W`, `X`, `w`, `N`) of the GDB Remote Protocol, as it comes with the multiprocess
 * extension. `S` and a reply without a thread belong to `only`.
 * @throws CrashmonError BAD_RECORD
 */
export function parseStopReply(payload: string, only: ThreadId): StopReply {
  switch (payload[0]) {
    case 'S':
    case 'T':
      return parseStopped(payload, only);
    case 'W':
    case 'X': {
      const match = /^.([0-9a-f]{1,8})(?:;process:([0-9a-f]{1,8}))?(?:;.*)?$/is.exec(payload);
      if (match?.[1] === undefined) throw badPacket('damaged exit');
      const number = parseHexNumber(match[1]);
      const pid = match[2] === undefined ? only.pid : parseHexNumber(match[2]);
      if (payload[0] === 'W') return { type: 'exited', pid, code: number };
      return { type: 'killed', pid, signal: toLinuxSignal(number) };
    }
    case 'w': {
      const match = /^w[0-9a-f]{1,8};(.+)$/is.exec(payload);
      if (match?.[1] === undefined) throw badPacket('damaged end of a thread');
      return { type: 'thread-exited', thread: parseThreadId(match[1]) };
    }
    case 'N':
      return { type: 'none-running' };
    default:
      throw badPacket('no stop reply');
  }
}

function parseStopped(payload: string, only: ThreadId): StopReply {
  const signal = toLinuxSignal(parseHexNumber(payload.slice(1, 3)));
  let thread = only;
  let reason: StopReason = 'signal';
  for (const pair of payload.slice(3).split(';')) {
    const colon = pair.indexOf(':');
    if (colon < 0) continue;
    const name = pair.slice(0, colon);
    if (name === 'thread') thread = parseThreadId(pair.slice(colon + 1));
    reason = REASONS.get(name) ?? reason;
  }
  return { type: 'stopped', thread, signal, reason };
}
