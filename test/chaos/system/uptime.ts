import { readFileSync } from 'node:fs';

/** Seconds since boot, by the kernel: no clock that is set changes it. */
export function uptimeS(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}
