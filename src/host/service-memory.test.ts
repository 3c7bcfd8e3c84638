import { test } from 'node:test';
import { stateDirectory } from '../../test/support/state-directory.ts';
import { ServiceMemory } from './service-memory.ts';

test('a run whose end leaves nothing is followed no more', async () => {
  await using state = await stateDirectory();
  const memory = new ServiceMemory(state.path, process.getuid?.() ?? 0);
  const followed = async () => {
    const asked = Promise.withResolvers<void>();
    memory.follow('a1b2c3d4e5f6', () => {
      asked.resolve();
      return process.pid;
    });
    await asked.promise;
  };
  try {
    await followed();
    memory.forget('a1b2c3d4e5f6');
    // Begins anew only if it was not followed.
    await followed();
  } finally {
    memory.end();
  }
});
