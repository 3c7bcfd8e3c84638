import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Time of day at which a process of this boot started. @param startTicks as in `/proc/PID/stat` */
export function startedAtMs(startTicks: number): number {
  const uptimeMs = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1_000;
  return Math.round(Date.now() - uptimeMs + (startTicks * 1_000) / TICKS_PER_SECOND);
}
