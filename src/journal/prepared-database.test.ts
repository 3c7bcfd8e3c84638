import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PreparedDatabase } from './prepared-database.ts';

test('a closed database leaves nothing behind, though it kept its statements', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const closed = Array.from({ length: 20 }, () => {
    const database = new PreparedDatabase(':memory:');
    assert.deepEqual({ ...database.prepare('SELECT 1 AS one').get() }, { one: 1 });
    database.close();
    return new WeakRef(database);
  });
  const kept = () => closed.filter((database) => database.deref() !== undefined).length;
  // A value in a register can keep the last one.
  for (let attempt = 0; attempt < 10 && kept() > 1; attempt++) {
    // What a WeakRef returned is kept until the end of the turn.
    await setImmediate();
    collect();
  }
  assert.ok(kept() <= 1);
});
