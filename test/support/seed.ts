/** For all that tests do at random. `npm test` chooses one for the whole run and prints it; CRASHMON_TEST_SEED repeats it. */
export const SEED = Number(process.env.CRASHMON_TEST_SEED ?? Date.now() % 1_000_000);

if (process.env.CRASHMON_TEST_SEED === undefined) process.stdout.write(`CRASHMON_TEST_SEED=${SEED}\n`);

/** Numbers from 0 up to 1, the same ones for a seed; the kernel's scheduling stays its own. */
export function seededRandom(seed = SEED): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
