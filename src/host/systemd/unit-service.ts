import { readFileSync } from 'node:fs';
import type { Service } from '../source.ts';

/** `shop@2.service` is replica 2 of `shop`. */
export function serviceOf(unit: string): Service {
  const [, name = unit, replica = null] = /^([^@]+)(?:@(.*))?\.service$/.exec(unit) ?? [];
  return {
    ...{ id: `systemd:${unit}`, source: 'systemd', name, replica: replica || null },
    attributes: { 'systemd.unit': unit },
  };
}

/** The run of a unit, for ever. */
export function keyOf(bootId: string, invocationId: string): string {
  return `${bootId}/${invocationId}`;
}

/** As the journal has it. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
}
