import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnitEntry } from '../systemd/journal-entry.ts';
import { UserRuns, type UserUnitEvent } from './user-runs.ts';

const entry = (
  what: UnitEntry['what'],
  fields: Record<string, string> = {},
  invocationId = 'a',
): UnitEntry => ({
  ...{ what, unit: 'shop.service', invocationId, bootId: 'boot', cursor: 'c', atMs: 5 },
  fields: { _UID: '1000', ...fields },
});
const EXITED = entry('exited', { COMMAND: 'ExecStart', EXIT_CODE: 'exited', EXIT_STATUS: '3' });
const FAILED = entry('failed', { UNIT_RESULT: 'exit-code' });

function ends(...entries: UnitEntry[]): (UserUnitEvent & { event: 'exited' })[] {
  const runs = new UserRuns();
  const events = entries.map((one) => runs.add(one));
  assert.ok(runs.isComplete);
  return events.filter((event) => event?.event === 'exited');
}

test('a crash is known with its result, and belongs to its user', () => {
  const runs = new UserRuns();
  assert.equal(runs.add(entry('started'))?.event, 'started');
  assert.equal(runs.add(EXITED), null);
  assert.equal(runs.isComplete, false);
  const exit = runs.add(FAILED);
  assert.ok(exit?.event === 'exited');
  assert.deepEqual(
    [exit.uid, exit.unit, exit.status, exit.asked],
    [1000, 'shop.service', { type: 'code', code: 3 }, false],
  );
  assert.ok(runs.isComplete);
  // The start limit: no run.
  assert.equal(runs.add(entry('failed', { UNIT_RESULT: 'start-limit-hit' })), null);
});

test('a stop is asked for, with a status and without', () => {
  assert.deepEqual(
    ends(entry('stopping'), EXITED, FAILED).map(({ asked }) => asked),
    [true],
  );
  assert.deepEqual(
    ends(entry('stopping'), entry('stopped')).map(({ asked, status }) => [asked, status.type]),
    [[true, 'unknown']],
  );
});

test('a time limit; the stop of an automatic restart is no end', () => {
  const because = (...entries: UnitEntry[]) => ends(...entries).map((end) => [end.asked, end.because]);
  assert.deepEqual(because(entry('started'), EXITED, FAILED, entry('restarting'), entry('stopped')), [
    [false, null],
  ]);
  assert.deepEqual(because(entry('failed', { UNIT_RESULT: 'timeout' })), [[false, 'timeout']]);
});

test('the same unit of two users is two', () => {
  const other = { ...FAILED, fields: { ...FAILED.fields, _UID: '1001' } };
  const runs = new UserRuns();
  runs.add(EXITED);
  assert.equal(runs.add(other), null);
  assert.equal(runs.add(FAILED)?.uid, 1000);
});
