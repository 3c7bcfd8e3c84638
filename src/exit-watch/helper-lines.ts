import type { ExitStatus } from '../model/exit.ts';
import { exitStatusOf } from './exit-status-of.ts';

/** What the helper reports; `watch.c` describes the lines. */
export type HelperEvent =
  | { type: 'ready' }
  | { type: 'watching' | 'left' | 'gone'; pid: number }
  | { type: 'refused'; pid: number; errno: number }
  | { type: 'held'; pid: number; status: ExitStatus; registers: Uint8Array }
  | { type: 'exit'; pid: number; status: ExitStatus };

/** null for another line. */
export function parseHelperLine(line: string): HelperEvent | null {
  const [word, first = '', second = '', third = ''] = line.split(' ');
  const pid = Number(first);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  switch (word) {
    case 'ready':
      return pid === VERSION ? { type: 'ready' } : null;
    case 'watching':
    case 'left':
    case 'gone':
      return { type: word, pid };
    case 'refused':
      return { type: 'refused', pid, errno: Number(second) };
    case 'held':
      return {
        type: 'held',
        pid,
        status: exitStatusOf(Number(second)),
        registers: Buffer.from(third, 'hex'),
      };
    case 'exit':
      return { type: 'exit', pid, status: exitStatusOf(Number(second)) };
    default:
      return null;
  }
}

const VERSION = 1;

/** Cuts output into lines. Throws for one that is longer than any of the helper's. */
export class LineCutter {
  #rest = '';

  push(text: string): string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE) throw new Error('the line is too long');
    return lines;
  }
}

/** More than the registers of any machine take. */
const MAX_LINE = 4096;
