import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type TemporaryDirectory = AsyncDisposable & { readonly path: string };

/** A directory of the test's own, mode 0700, without symbolic links in its path; gone when disposed of. */
export async function temporaryDirectory(name = 'test'): Promise<TemporaryDirectory> {
  const directory = await mkdtemp(path.join(await realpath(tmpdir()), `crashmon-${name}-`));
  await chmod(directory, 0o700);
  return {
    path: directory,
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
