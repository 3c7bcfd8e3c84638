import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import { CRASHES, type Crash } from '../../test/capture/crashes.ts';
import { type NativeCompiler, nativeCompiler } from '../../test/support/native/compile.ts';
import { crashed } from '../../test/support/native/crashed.ts';
import { euStackFrames, gdbFrames } from '../../test/support/native/unwind.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { spreadOf } from '../report/statistics.ts';

const FRAMES = 30;
/** Every nth fixture. */
const STEP = { smoke: 25, quick: 6, full: 1 } as const;

type Equal = Record<'gdb' | 'eu-stack', boolean>;

export const nativeFrames: Measurement = {
  name: 'native-frames',
  about: `First ${FRAMES} frames from our core and from the full one, in every fixture of the tests`,
  async *measure({ scale, progress }) {
    await using compiler = await nativeCompiler();
    const some = CRASHES.filter((_, index) => index % STEP[scale] === 0);
    const results: Equal[] = [];
    for (const [index, crash] of some.entries()) {
      progress(`${index + 1} of ${some.length}: ${crash.fixture}`);
      results.push(await compareFrames(compiler, crash));
    }
    yield* (['gdb', 'eu-stack'] as const).map((tool) => toFinding(tool, results));
  },
};

async function compareFrames(compiler: NativeCompiler, crash: Crash): Promise<Equal> {
  await using dead = await crashed(compiler, crash);
  const { executable, core, directory } = dead;
  const trimmed = join(directory, 'trimmed');
  await writeFile(trimmed, Buffer.concat(writeTrimmedCore(dead.snapshot).chunks));
  const [gdb, gdbTrimmed, eu, euTrimmed] = await Promise.all([
    gdbFrames(executable, core, FRAMES),
    gdbFrames(executable, trimmed, FRAMES),
    euStackFrames(executable, core, FRAMES),
    euStackFrames(executable, trimmed, FRAMES),
  ]);
  // Two empty stacks would be equal.
  return {
    gdb: gdb.length > 0 && isDeepStrictEqual(gdbTrimmed, gdb),
    'eu-stack': eu.length > 0 && isDeepStrictEqual(euTrimmed, eu),
  };
}

function toFinding(tool: keyof Equal, results: readonly Equal[]): Finding {
  const equal = results.filter((result) => result[tool]).length;
  return {
    what: `${tool}, equal in ${equal} of ${results.length} fixtures`,
    unit: '%',
    measured: spreadOf([(100 * equal) / results.length]),
    noise: null,
    target: { atLeast: 100 },
  };
}
