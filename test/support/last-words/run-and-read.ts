import path from 'node:path';
import { readLastWords } from '../../../src/formats/last-words/readers.ts';
import type { LastWords, Proof, VouchedCall } from '../../../src/model/last-words.ts';
import type { Runtime } from '../../../src/model/runtime.ts';
import { proveDeath } from '../../../src/policy/prove-death.ts';
import { openProgram } from '../../../src/symbols/open-program.ts';
import { readSource } from '../../../src/symbols/read-source.ts';
import { startProgram } from '../run-program.ts';

/** What was read of a program that ran until its end. */
export type ReadExecutable = {
  words: LastWords | null;
  proof: Proof | null;
  stderr: string;
  exit: number | string | null;
};

/** Runs an executable, without a core file, and reads its last words as the agent does. */
export async function runAndRead(
  program: string,
  runtime: Runtime,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ReadExecutable> {
  await using running = startProgram('sh', ['-c', 'ulimit -c 0; exec "$0"', program], { env });
  const { code, signal, stderr } = await running.exited;
  using opened = openProgram(program, runtime);
  const vouchers = {
    readSource: (file: string) => (path.isAbsolute(file) ? readSource(file) : null),
    readClass: () => null,
    program: opened?.tables ?? null,
  };
  const words = readLastWords(runtime, stderr, vouchers);
  const status =
    signal === null ? ({ type: 'code', code: code ?? -1 } as const) : ({ type: 'signal', signal } as const);
  const evidence = { status, runtime, pid: running.pid, silenceMs: 1 };
  return {
    words,
    proof: words === null ? null : proveDeath({ ...evidence, words }),
    stderr,
    exit: signal ?? code,
  };
}

/** `main.f main.go:2 true` */
export function callWords({ function: name, file, line, vouched }: VouchedCall): string {
  return `${name} ${file?.split('/').at(-1)}:${line} ${vouched}`;
}
