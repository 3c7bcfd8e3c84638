import { rm } from 'node:fs/promises';
import { placesInMemory, standardErrorFiles } from './leftovers.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/** A state directory of the test's own; disposal also removes what crashmon keeps for it in memory (`/dev/shm`). */
export async function stateDirectory(): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('state');
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      const inMemory = [...standardErrorFiles(directory.path), ...placesInMemory(directory.path)];
      for (const each of inMemory) await rm(each, { recursive: true, force: true });
      await directory[Symbol.asyncDispose]();
    },
  };
}
