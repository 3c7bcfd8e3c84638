import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, realpath, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '../temporary-directory.ts';

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
  const directory = await compiled();
  const made = new Map<string, Promise<string>>();
  return {
    compile(fixture, flags = ['-g', '-O0']) {
      const key = [fixture, ...flags].join(' ');
      const known = made.get(key) ?? compileInto(directory.path, fixture, flags);
      made.set(key, known);
      return known;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** In a run that has a folder for temporary files (`scripts/test-environment.sh`) all tests share what was compiled. */
async function compiled(): Promise<TemporaryDirectory> {
  const folder = await realpath(tmpdir());
  if (!path.basename(folder).startsWith('cmt.')) return await temporaryDirectory('native');
  const shared = path.join(folder, 'compiled');
  await mkdir(shared, { recursive: true, mode: 0o700 });
  return { path: shared, [Symbol.asyncDispose]: async () => {} };
}

async function compileInto(directory: string, fixture: string, flags: readonly string[]): Promise<string> {
  const { name, ext } = path.parse(fixture);
  const key = createHash('sha256').update([fixture, ...flags].join(' '));
  const program = path.join(directory, `${key.digest('hex').slice(0, 12)}-${name}`);
  if (existsSync(program)) return program;
  const compiler = ext === '.cpp' ? 'g++' : 'gcc';
  const own = `${program}.${randomUUID()}`;
  await promisify(execFile)(compiler, ['-pthread', ...flags, '-o', own, path.join(FIXTURES, fixture)]);
  // Never in place of one that another test runs.
  await link(own, program).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(own);
  return program;
}
