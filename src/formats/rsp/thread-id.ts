import { badPacket } from './bad-packet.ts';
import { parseHexNumber } from './hex.ts';

export type ThreadId = { pid: number; tid: number };

/**
 * `p1f.20` of the multiprocess extension. A process without a thread (`p1f`, and `p1f.-1` for all) has tid -1.
 * @throws CrashmonError BAD_RECORD
 */
export function parseThreadId(text: string): ThreadId {
  const match = /^p([0-9a-f]{1,8})(?:\.(-1|[0-9a-f]{1,8}))?$/i.exec(text);
  if (match?.[1] === undefined) throw badPacket('no thread id');
  const tid = match[2];
  return { pid: parseHexNumber(match[1]), tid: tid === undefined || tid === '-1' ? -1 : parseHexNumber(tid) };
}

export function formatThreadId({ pid, tid }: ThreadId): string {
  return `p${pid.toString(16)}.${tid === -1 ? '-1' : tid.toString(16)}`;
}
