import { readFileSync } from 'node:fs';
import type { Instant } from '../model/instant.ts';

export type Clock = () => Instant;

/** The machine's clocks; the boot id is read once. */
export function systemClock(): Clock {
  const bootId = readBootId();
  return () => ({
    wallMs: Date.now(),
    // CLOCK_MONOTONIC, the same for every process of this boot.
    monotonicMs: Number(process.hrtime.bigint() / 1_000_000n),
    bootId,
  });
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
