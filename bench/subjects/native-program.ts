import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { runToEnd } from '../processes/run-to-end.ts';

/** Compiles `bench/programs/<name>.c` into `directory` and returns the program's path. */
export async function compileProgram(name: string, directory: string): Promise<string> {
  const program = join(directory, name);
  const source = join(CHECKOUT, 'bench', 'programs', `${name}.c`);
  await runToEnd(['gcc', '-pthread', '-O1', '-g', '-o', program, source]);
  return program;
}
