import { setTimeout as delay } from 'node:timers/promises';
import type { PortalParts } from '../portal-parts.ts';
import type { Housekeeping } from '../store/portal-store.ts';

const BETWEEN_ROUNDS_MS = 10 * 60_000;
/** Between two small steps, so that other writers do not wait long. */
const BETWEEN_STEPS_MS = 250;

/** Keeps the retention in small steps until disposed of. What fails is tried again in the next round. */
export function pruneRegularly(
  store: Pick<Housekeeping, 'pruneSome'>,
  { now, log }: Pick<PortalParts, 'now' | 'log'>,
): AsyncDisposable {
  const over = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: over.signal, ref: false });
  const rounds = async () => {
    for (;;) {
      try {
        while (await store.pruneSome(now())) await pause(BETWEEN_STEPS_MS);
      } catch (error) {
        if (over.signal.aborted) return;
        log.warn({ err: error }, 'what is older than the retention could not be deleted');
      }
      await pause(BETWEEN_ROUNDS_MS);
    }
  };
  const ended = rounds().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await ended;
    },
  };
}
