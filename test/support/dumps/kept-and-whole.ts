import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { writeTrimmedCore } from '../../../src/capture/native/trimmed-core.ts';
import { openDump, sealDump } from '../../../src/dumps/encryption.ts';
import { dumpOf } from '../../../src/model/dump.ts';
import { CHECKOUT } from '../crashmon.ts';
import { dieUnderDebugger } from '../native/die-under-debugger.ts';
import { fullCore } from '../native/full-core.ts';
import { startProgram } from '../run-program.ts';

const FIXTURES = path.join(CHECKOUT, 'test', 'fixtures', 'native');
const WAIT_AND_EXECUTE = 'echo ready; read -r line; exec "$0" "$@"';

type Compile = (name: string) => Promise<string>;

/** Programs that die at once, by language. */
export const DYING: Record<string, (directory: string, compile: Compile) => Promise<string[]>> = {
  C: async (_directory, compile) => [await compile('reads-null.c')],
  'C++': async (_directory, compile) => [await compile('crashes-in-template.cpp'), 'order'],
  Rust: async (directory) => {
    const program = path.join(directory, 'rust');
    const source = path.join(FIXTURES, 'crashes-in-generics.rs');
    execFileSync('rustc', ['--edition=2021', '-g', '-o', program, source]);
    return [program];
  },
  'Node.js': async () => [process.execPath, '--jitless', '-e', 'process.abort()'],
  Python: async () => ['/usr/bin/python3', '-c', 'import ctypes; ctypes.string_at(0)'],
};

export type Cores = { program: string; whole: string; kept: string };

/** The whole core of a death, and the kept dump of another one of the same program, as a core. */
export async function keptAndWhole(command: readonly string[], directory: string): Promise<Cores> {
  const [program = ''] = command;
  const whole = await fullCore(command, directory);
  await using worker = startProgram('sh', ['-c', WAIT_AND_EXECUTE, ...command], {
    ...{ input: 'open', cwd: directory },
  });
  await worker.waitForLine('stdout', /^ready$/);
  const { seen } = await dieUnderDebugger(worker.pid, () => void worker.stdin.write('\n'), {
    look: (snapshot) => Buffer.concat(writeTrimmedCore(snapshot).chunks),
  });
  if (seen === null) throw new Error(`nothing was captured of ${program}`);
  const sealed = path.join(directory, 'kept.zst');
  writeFileSync(sealed, await buffer(sealDump(dumpOf(seen), null)));
  const kept = path.join(directory, 'kept');
  writeFileSync(kept, await buffer(openDump(sealed, null, seen.length)));
  return { program, whole, kept };
}
