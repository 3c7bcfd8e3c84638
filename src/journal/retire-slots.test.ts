import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { at, NOON_MS, sampleRun } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { publishRecord } from '../privacy/publish-record.ts';
import type { Journal } from './journal.ts';
import { openJournal } from './open-journal.ts';
import { retireSlots, tooMany } from './retire-slots.ts';
import { acquireSlot, type LockFile, lockWithSqlite } from './slot.ts';
import { writeManualOverride } from './write-manual-override.ts';

const DAY_MS = 86_400_000;

/** A slot that was last used so many days before `at(0)`. */
function unused(
  stateDir: string,
  app: string,
  days: number,
  write: (journal: Journal) => void = () => {},
): string {
  using slot = acquireSlot(stateDir, app, 'host');
  const journal = openJournal(slot.directory, { app, instance: 'host' }, NOON_MS);
  write(journal);
  journal.close();
  age(slot.directory, days);
  return slot.directory;
}

function age(directory: string, days: number): void {
  const time = new Date(NOON_MS - days * DAY_MS);
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), time, time);
}

test('only the ones unused longest are deleted, and none that was used in the last two days', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true })), fc.nat(20), (days, kept) => {
      const slots = days.map((each, index) => ({ directory: `${index}`, usedAtMs: NOON_MS - each * DAY_MS }));
      const gone = tooMany(slots, NOON_MS, kept);
      const stay = slots.filter((slot) => !gone.includes(slot));
      assert.ok(gone.every(({ usedAtMs }) => NOON_MS - usedAtMs > 2 * DAY_MS));
      const newestGone = Math.max(...gone.map(({ usedAtMs }) => usedAtMs));
      assert.ok(stay.length >= Math.min(kept, slots.length));
      assert.ok(stay.every(({ usedAtMs }) => usedAtMs >= newestGone || gone.length === 0));
      const isOld = ({ usedAtMs }: { usedAtMs: number }) => NOON_MS - usedAtMs > 2 * DAY_MS;
      assert.ok(
        stay.length <= kept ||
          !stay
            .slice()
            .sort((a, b) => a.usedAtMs - b.usedAtMs)
            .some(isOld),
      );
    }),
  );
});

test('state of which nothing is wanted any more is deleted, with its app', () => {
  using stateDir = temporaryDirectory();
  const record = publishRecord({ type: 'loss', uid: `${'0'.repeat(24)}-l`, atMs: NOON_MS, count: 1 });
  const waits = (journal: Journal) => journal.enqueue({ version: null, records: [record] });
  const paths = {
    plain: unused(stateDir.path, 'plain', 5),
    sentLongAgo: unused(stateDir.path, 'long', 40, waits),
    rebooted: unused(stateDir.path, 'rebooted', 4, (journal) =>
      journal.recordIntent(sampleRun(1, { startedAt: { ...at(0), bootId: 'another' } })),
    ),
  };
  const stay = {
    waiting: unused(stateDir.path, 'waiting', 20, waits),
    running: unused(stateDir.path, 'running', 20, (journal) => journal.recordIntent(sampleRun(1))),
    young: unused(stateDir.path, 'young', 1),
    withDumps: unused(stateDir.path, 'dumps', 20),
    disarmed: unused(stateDir.path, 'disarmed', 20),
  };
  writeManualOverride(stay.disarmed, 'disarmed', NOON_MS);
  age(stay.disarmed, 20);
  mkdirSync(join(stay.withDumps, 'dumps'));
  writeFileSync(join(stay.withDumps, 'dumps', 'one.core.zst'), '');
  using held = acquireSlot(stateDir.path, 'held', 'host');
  openJournal(held.directory, { app: 'held', instance: 'host' }, NOON_MS).close();
  age(held.directory, 20);
  retireSlots(stateDir.path, at(0), lockWithSqlite, 100);
  assert.ok(
    Object.values(paths).every((path) => existsSync(path)),
    'while there are few, all stay',
  );
  retireSlots(stateDir.path, at(0), lockWithSqlite, 0);
  const names = ['disarmed', 'dumps', 'held', 'running', 'waiting', 'young'];
  assert.deepEqual(readdirSync(join(stateDir.path, 'apps')).sort(), names);
  assert.deepEqual(readdirSync(join(stateDir.path, 'retired')), []);
});

test('a crashmon that takes a slot while it is put away gets a new one of the same name', () => {
  using stateDir = temporaryDirectory();
  unused(stateDir.path, 'shop', 5);
  mkdirSync(join(stateDir.path, 'retired'));
  let locks = 0;
  const lockFile: LockFile = (path) => {
    locks += 1;
    const release = lockWithSqlite(path);
    if (locks === 1) renameSync(join(path, '..'), join(stateDir.path, 'retired', 'one'));
    return release;
  };
  using slot = acquireSlot(stateDir.path, 'shop', 'host', () => 1, lockFile);
  assert.equal(slot.instance, 'host');
  assert.ok(existsSync(join(slot.directory, 'lock.db')));
  assert.equal(lockWithSqlite(join(slot.directory, 'lock.db')), null, 'it is held');
});
