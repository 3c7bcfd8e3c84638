import path from 'node:path';
import { MAIN } from '../crashmon.ts';
import { runProgram } from '../run-program.ts';

export type Printed = { code: number; stdout: string; stderr: string };

/** Command lines one after the other in one process, which loads crashmon once; for verbs that only print. */
export async function runLines(lines: readonly string[][], stateDir: string): Promise<Printed[]> {
  const program = path.join(import.meta.dirname, 'run-lines.mjs');
  const { code, stdout, stderr } = await runProgram(
    process.execPath,
    [program, MAIN, JSON.stringify(lines)],
    { env: { CRASHMON_STATE_DIR: stateDir } },
  );
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}
