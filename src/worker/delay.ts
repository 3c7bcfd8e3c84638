/**
 * Waits, at most until the signal is aborted. Our own, because the agent stays in memory as long as its worker and
 * `node:timers/promises` would add 1 MB to it.
 * @returns false when it was aborted early
 */
export function delay(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve(false);
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve(true);
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });

    function aborted(): void {
      clearTimeout(timer);
      resolve(false);
    }
  });
}
