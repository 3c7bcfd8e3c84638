import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../temporary-directory.ts';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/last-words');

/**
 * Builds programs of `test/fixtures/last-words/`, whose names are those of the recorded deaths. Each answers the path of the
 * executable; what was made is gone when it is disposed of.
 */
export type ProgramBuilder = AsyncDisposable & {
  go(program: string, ...flags: string[]): Promise<string>;
  rust(program: string, ...flags: string[]): Promise<string>;
  cpp(program: string, ...flags: string[]): Promise<string>;
};

export async function programBuilder(): Promise<ProgramBuilder> {
  const directory = await temporaryDirectory('build');
  let count = 0;
  async function build(cwd: string, command: string, args: string[], sources: string[]): Promise<string> {
    const made = path.join(directory.path, String(count++));
    await promisify(execFile)(command, [...args, '-o', made, ...sources], {
      cwd: path.join(FIXTURES, cwd),
      env: {
        ...process.env,
        ...{ GOCACHE: path.join(directory.path, 'cache'), GOTOOLCHAIN: 'local', GOPROXY: 'off' },
      },
    });
    return made;
  }
  return {
    go: (program, ...flags) => build(`go/src/${program}`, 'go', ['build', '-mod=mod', ...flags], ['.']),
    rust: (program, ...flags) => build('rust/src', 'rustc', flags, [`./${program}.rs`]),
    cpp: (program, ...flags) => build('cpp/src', 'g++', ['-pthread', ...flags], [`${program}.cc`]),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
