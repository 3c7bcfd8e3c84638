import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { SourceMemory } from './source-memory.ts';

const BOOT = 'b44c6079e8b94a36be10c08ee84357fd';

function memoryWith(directory: string, ends: number): SourceMemory {
  const memory = new SourceMemory(`${directory}/host/systemd.json`, BOOT, (message) => assert.fail(message));
  for (let number = 0; number < ends; number++) {
    memory.ends.add({
      ...{ unit: 'shop.service', invocationId: String(number), bootId: BOOT, pid: number },
      ...{ startedAtMs: number, endedAtMs: number, status: { type: 'code', code: 1 } },
      ...{ asked: false, because: null },
    });
  }
  assert.equal(memory.save(), true);
  return memory;
}

test('an agent that is behind does not store all that it is behind with at each turn', async (t) => {
  using directory = temporaryDirectory();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const memory = memoryWith(directory.path, 5_000);
  let isDone = false;
  memory.beforeSave(() => {
    isDone = true;
  });
  await turn();
  assert.equal(isDone, false);
  t.mock.timers.tick(60_000);
  assert.equal(isDone, true);
});

test('one that is not stores in the next turn', async () => {
  using directory = temporaryDirectory();
  const memory = memoryWith(directory.path, 100);
  let isDone = false;
  memory.beforeSave(() => {
    isDone = true;
  });
  await turn();
  assert.equal(isDone, true);
});
