import { setTimeout as delay } from 'node:timers/promises';
import { listDumps } from '../../dumps/list-dumps.ts';
import { holdCarrier } from '../../dumps/remote/carrier-lock.ts';
import { carryDumps } from '../../dumps/remote/carry-dumps.ts';
import { isToCarry } from '../../dumps/remote/is-to-carry.ts';
import { systemClock } from '../clock.ts';

/** The rest is tried again once an hour, by the agent. */
const DELAYS_MS = [0, 10_000, 60_000];

/** A process of its own: neither the agent nor a report waits for a bucket. */
async function carryAll(store: string): Promise<void> {
  using held = holdCarrier(store);
  if (held === null) return;
  const clock = systemClock();
  for (const delayMs of DELAYS_MS) {
    await delay(delayMs);
    while (await carryDumps(store, clock())) {
      // One can have been kept meanwhile.
      if (!(await listDumps(store)).some((dump) => isToCarry(dump, clock()))) return;
    }
  }
}

await carryAll(process.argv[2] ?? '');
