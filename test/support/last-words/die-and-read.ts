import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readLastWords } from '../../../src/formats/last-words/readers.ts';
import type { LastWords, PrintedError, Proof } from '../../../src/model/last-words.ts';
import type { Runtime } from '../../../src/model/runtime.ts';
import { proveDeath } from '../../../src/policy/prove-death.ts';
import { canariesIn } from '../last-words-corpus.ts';
import { runProgram } from '../run-program.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** How a program ended, and what was read of it: `null` where there are no last words. */
export type ReadDeath = {
  exit: number | string | null;
  proof: Proof | null;
  words: LastWords | null;
  type: string | null;
  /** `function file:line`, `?` before what nothing vouches for. */
  calls: string[];
  causes: { type: string | null; calls: string[] }[];
  stderr: string;
};

/**
 * Writes a program, runs it to its end and reads its last words, with its own sources. The first file is the program; nothing of
 * `CANARY` may be in what was read.
 */
export async function dieAndRead(
  runtime: Runtime,
  command: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<ReadDeath> {
  await using directory = await temporaryDirectory('last-words');
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory.path, name), text);
  // A fatal signal leaves no core file.
  const args = ['-c', 'ulimit -c 0; exec "$0" "$@"', ...command, Object.keys(files)[0] ?? ''];
  const result = await runProgram('sh', args, { cwd: directory.path });
  const readSource = (file: string) => readIfFile(path.resolve(directory.path, file));
  const words = readLastWords(runtime, result.stderr, { readSource, program: null, readClass: () => null });
  const status =
    result.code === null
      ? ({ type: 'signal', signal: result.signal ?? '' } as const)
      : ({ type: 'code', code: result.code } as const);
  const proof = words && proveDeath({ status, runtime, words, pid: null, silenceMs: 0 });
  assert.deepEqual(words === null ? [] : canariesIn(words), [], result.stderr);
  const placesOf = ({ calls }: PrintedError) =>
    calls.map(
      ({ function: name, file, line, vouched }) =>
        `${vouched === null ? '? ' : ''}${name ?? '-'} ${file === null ? '-' : path.basename(file)}:${line ?? '-'}`,
    );
  return {
    exit: result.code ?? result.signal,
    ...{ proof, words, type: words?.error.type ?? null },
    calls: words === null ? [] : placesOf(words.error),
    causes: (words?.causes ?? []).map((cause) => ({ type: cause.type, calls: placesOf(cause) })),
    stderr: result.stderr,
  };
}

function readIfFile(file: string): string | null {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
}
