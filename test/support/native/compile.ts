import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../temporary-directory.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'fixtures', 'native');

/** Compiles programs of `test/fixtures/native/`; what it made is gone when it is disposed of. */
export type NativeCompiler = AsyncDisposable & {
  /**
   * Path of the program that gcc, or g++ for `.cpp`, makes of a fixture. Compiled once for each set of flags; `-g -O0`
   * where none are given. Rejects with the compiler's own words.
   */
  compile(fixture: string, flags?: readonly string[]): Promise<string>;
};

export async function nativeCompiler(): Promise<NativeCompiler> {
  const directory = await temporaryDirectory('native');
  const made = new Map<string, Promise<string>>();
  return {
    compile(fixture, flags = ['-g', '-O0']) {
      const key = [fixture, ...flags].join(' ');
      const known =
        made.get(key) ?? compileInto(path.join(directory.path, String(made.size)), fixture, flags);
      made.set(key, known);
      return known;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function compileInto(prefix: string, fixture: string, flags: readonly string[]): Promise<string> {
  const { name, ext } = path.parse(fixture);
  const program = `${prefix}-${name}`;
  const compiler = ext === '.cpp' ? 'g++' : 'gcc';
  await promisify(execFile)(compiler, ['-pthread', ...flags, '-o', program, path.join(FIXTURES, fixture)]);
  return program;
}
