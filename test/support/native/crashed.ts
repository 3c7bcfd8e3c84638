import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessSnapshot } from '../../../src/model/process-snapshot.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import type { NativeCompiler } from './compile.ts';
import { readCoreAsSnapshot } from './core-snapshot.ts';
import { fullCore, openCore } from './full-core.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'fixtures', 'native');

/** A program that died, and everything it left. */
export type Crashed = AsyncDisposable & {
  executable: string;
  /** Its whole core, for tools. */
  core: string;
  coreBytes: number;
  snapshot: ProcessSnapshot;
  /** A directory to put more files in. */
  directory: string;
};

/** Lets a fixture die; `own` gives it an executable that it may delete. */
export async function crashed(
  compiler: NativeCompiler,
  {
    fixture,
    args,
    flags,
    own,
  }: { fixture: string; args: readonly string[]; flags: readonly string[]; own?: true },
): Promise<Crashed> {
  const isScript = fixture.endsWith('.cjs');
  let executable = isScript ? process.execPath : await compiler.compile(fixture, flags);
  const directory = await temporaryDirectory('crashed');
  try {
    if (own) {
      const copy = path.join(directory.path, path.basename(executable));
      await copyFile(executable, copy);
      executable = copy;
    }
    const script = isScript ? [path.join(FIXTURES, fixture)] : [];
    const core = await fullCore([executable, ...script, ...args], directory.path);
    const open = openCore(core);
    return {
      executable,
      core,
      coreBytes: open.sizeBytes,
      snapshot: readCoreAsSnapshot(open.read),
      directory: directory.path,
      async [Symbol.asyncDispose]() {
        open[Symbol.dispose]();
        await directory[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
}
