// Not beside the readers: it needs V8's coverage for itself, and unit tests share a process that measures coverage.
import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { describe, test } from 'node:test';
import { READERS } from '../../src/formats/last-words/readers.ts';
import type { Vouchers } from '../../src/model/last-words.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import { recordedDeaths } from '../support/last-words-corpus.ts';
import { SEED, seededRandom } from '../support/seed.ts';

const DEATHS = recordedDeaths();
const RUNTIMES = Object.keys(READERS) as Runtime[];
const NO_VOUCHERS: Vouchers = { readSource: () => null, program: null, readClass: () => null };

/** Counted by V8's coverage: a count has no noise, unlike time. */
describe('a text of four times the length takes about four times the steps', () => {
  for (const runtime of RUNTIMES) {
    test(`in the reader of ${runtime}`, async () => {
      const random = seededRandom();
      const own = linesFor(runtime);
      const pick = () => own[Math.floor(random() * own.length)] ?? '';
      for (let round = 0; round < 6; round++) {
        const [unit, end] = [Array.from({ length: 1 + (round % 3) }, pick), Array.from({ length: 3 }, pick)];
        const short = await stepsOf(runtime, repeated(unit, 1_000), end);
        const long = await stepsOf(runtime, repeated(unit, 4_000), end);
        assert.ok(long <= 6 * short + 20_000, `${short} → ${long} steps, ${SEED}: ${unit.join('\n')}`);
      }
    });
  }
});

function repeated(unit: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, index) => unit[index % unit.length] ?? '');
}

/** Number of blocks of the project's code that ran. */
async function stepsOf(runtime: Runtime, lines: readonly string[], end: readonly string[]): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  READERS[runtime]?.([...lines, ...end], NO_VOUCHERS);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const ranges = result
    .filter(({ url }) => url.includes('/src/formats/'))
    .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

function linesFor(runtime: Runtime): string[] {
  const own = DEATHS.filter((death) => death.runtime === runtime);
  return [...new Set(own.flatMap(({ text }) => text.split('\n')))];
}
