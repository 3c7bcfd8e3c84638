import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { LoadedPortal } from '../../support/portal/loaded-portal.ts';
import { rounds } from '../../support/rounds.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const KILLS = rounds(1);
/** Between kills. */
const BATCHES = 8;

let postgres: TestDatabase;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres[Symbol.asyncDispose]());

for (const database of ['SQLite', 'PostgreSQL']) {
  test(`kill -9 of the portal under load, over ${database}: what was sent is counted, exactly`, async () => {
    await using directory = await temporaryDirectory('kill');
    const url = database === 'SQLite' ? null : await postgres.fresh();
    await using load = await LoadedPortal.start({ dataDir: directory.path, database: url });
    for (let kill = 0; kill < KILLS; kill++) {
      await load.taken(BATCHES);
      await load.killAndRestart();
    }
    await load.taken(BATCHES);
    const { sent, counted, listed, taken } = await load.finish();
    assert.ok(taken >= (KILLS + 1) * BATCHES);
    assert.deepEqual({ counted, listed }, { counted: sent, listed: sent });
  });
}
