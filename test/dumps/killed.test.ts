import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openDump } from '../../src/dumps/encryption.ts';
import { listDumps } from '../../src/dumps/list-dumps.ts';
import { sweepDumps } from '../../src/dumps/sweep-dumps.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { instantAt } from '../support/dumps/sample-dump.ts';
import { rounds } from '../support/rounds.ts';
import { startProgram } from '../support/run-program.ts';
import { SEED, seededRandom } from '../support/seed.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PROGRAM = path.join(CHECKOUT, 'test/support/dumps/keeps-dumps.ts');

test(`kill -9 at any moment leaves no half dump, and what it leaves is removed (seed ${SEED})`, async () => {
  await using directory = await temporaryDirectory('dumps');
  const random = seededRandom(SEED);
  for (let round = 0; round < rounds(5); round++) {
    const store = path.join(directory.path, `store-${round}`);
    mkdirSync(store, { mode: 0o700 });
    await using program = startProgram(process.execPath, [PROGRAM, store]);
    await program.waitForLine('stdout', /ready/);
    await delay(random() * 60);
    program.kill('SIGKILL');
    await program.exited;
    await sweepDumps(store, instantAt(0));
    const dumps = await listDumps(store);
    for (const { path: file, facts } of dumps) {
      let length = 0;
      for await (const piece of openDump(file, null, facts.coreBytes)) length += piece.length;
      assert.equal(length, facts.coreBytes);
    }
    const files = readdirSync(store);
    assert.ok(
      files.every((name) => !name.endsWith('.tmp')),
      files.join(),
    );
    // The facts of one can have their name before the dump has.
    assert.ok(
      files.length - 2 * dumps.length <= 1 &&
        files.filter((name) => /zst/.test(name)).length === dumps.length,
    );
  }
});
