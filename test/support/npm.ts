import path from 'node:path';
import { type ProgramOptions, type ProgramResult, runProgram } from './run-program.ts';

type Env = Record<string, string | undefined>;

/** The environment without the variables of `npm test`, which would change what another npm does. */
export function cleanEnvironment(): Env {
  const npmNames = Object.keys(process.env).filter((name) => /^npm_/i.test(name));
  return Object.fromEntries([...npmNames, 'INIT_CWD', 'NODE'].map((name) => [name, undefined]));
}

/** PATH with these folders first and no `node_modules/.bin` of the checkout, where Node 24 is. */
export function pathWith(...folders: readonly string[]): string {
  const others = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return [...folders, ...others].join(path.delimiter);
}

/** Runs npm as a person would; fails with its output when it fails. */
export async function npm(args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const result = await runProgram('npm', args, {
    ...options,
    env: { ...cleanEnvironment(), ...options.env },
  });
  if (result.code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${result.stderr}\n${result.stdout}`);
  return result;
}
