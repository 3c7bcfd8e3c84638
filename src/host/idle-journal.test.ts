import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sampleExit, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { IdleJournal } from './idle-journal.ts';

test('a journal that is never idle is checkpointed', async () => {
  using directory = temporaryDirectory();
  const slot = { directory: directory.path, instance: 'web-1', release() {}, [Symbol.dispose]() {} };
  const journal = new IdleJournal(slot, 'shop', (message) => assert.fail(message), 10);
  let exits = 0;
  const write = () => journal.get().recordExit(sampleExit(++exits), stateWith(1));
  write();
  // Commits go into the log beside it.
  const before = statSync(`${directory.path}/journal.db`).mtimeMs;
  while (statSync(`${directory.path}/journal.db`).mtimeMs === before) {
    assert.ok(exits < 1_000);
    write();
    await delay(1);
  }
  journal.close();
});

test('the log of a crash loop does not grow', () => {
  using directory = temporaryDirectory();
  const slot = { directory: directory.path, instance: 'web-1', release() {}, [Symbol.dispose]() {} };
  const journal = new IdleJournal(slot, 'shop', (message) => assert.fail(message));
  for (let exits = 0; exits < 1_000; exits++) {
    journal.get().recordExit(sampleExit(exits), stateWith(Math.min(exits, 1_000)));
    assert.ok(statSync(`${directory.path}/journal.db-wal`).size < 1_200_000);
  }
  journal.close();
  assert.ok(statSync(`${directory.path}/journal.db`).size < 1_000_000);
});
