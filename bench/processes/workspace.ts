import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { standardErrorFiles } from '../../test/support/leftovers.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';

export type Workspace = AsyncDisposable & { readonly path: string; readonly stateDir: string };

/**
 * Directory of one measurement. Disposal, or the end of the bench, also removes crashmon's files in `/dev/shm`.
 */
export async function makeWorkspace(): Promise<Workspace> {
  const directory = await temporaryDirectory('bench');
  const stateDir = join(directory.path, 'state');
  const removeAll = (): void => {
    for (const file of standardErrorFiles(stateDir)) rmSync(file, { force: true });
    rmSync(directory.path, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', removeAll);
  return {
    path: directory.path,
    stateDir,
    async [Symbol.asyncDispose]() {
      process.off('exit', removeAll);
      removeAll();
    },
  };
}
