import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../temporary-directory.ts';

const SOURCES = path.join(import.meta.dirname, '../../fixtures/last-words/go/src');

/** Builds programs of `test/fixtures/last-words/go/src`; what it made is gone when it is disposed of. */
export type GoCompiler = AsyncDisposable & {
  /** Path of the executable. */
  build(program: string, ...flags: string[]): Promise<string>;
};

export async function goCompiler(): Promise<GoCompiler> {
  const directory = await temporaryDirectory('go');
  let count = 0;
  return {
    async build(program, ...flags) {
      const made = path.join(directory.path, String(count++));
      await promisify(execFile)('go', ['build', ...flags, '-o', made, '.'], {
        cwd: path.join(SOURCES, program),
        env: {
          ...{ PATH: process.env.PATH, HOME: directory.path, GOCACHE: path.join(directory.path, 'cache') },
          ...{ GOTOOLCHAIN: 'local', GOPROXY: 'off', GOFLAGS: '-mod=mod' },
        },
      });
      return made;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
