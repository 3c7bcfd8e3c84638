import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { followUnit, NEW_UNIT } from './unit-runs.ts';
import { toSnapshot, type UnitSnapshot, unitOfPath } from './unit-snapshot.ts';

const running = (number: number): UnitSnapshot => ({
  ...{ invocationId: `i${number}`, activeState: 'active', subState: 'running', hasJob: false },
  ...{ mainPid: 100 + number, execMainPid: 100 + number, execMainCode: 0, execMainStatus: 0 },
  ...{ execMainStartUs: number * 1000, execMainExitUs: 0, result: 'success', restarts: number },
});
const ended = (number: number, more: Partial<UnitSnapshot> = {}): UnitSnapshot => ({
  ...running(number),
  ...{ activeState: 'failed', subState: 'failed', mainPid: 0, execMainCode: 1, execMainStatus: 3 },
  ...{ execMainExitUs: number * 1000 + 500, result: 'exit-code' },
  ...more,
});

/** `started 1`, `exited 1 code 3`. */
function follow(...snapshots: UnitSnapshot[]): string[] {
  let memory = NEW_UNIT;
  return snapshots.flatMap((snapshot) => {
    const { memory: next, events } = followUnit(memory, snapshot);
    memory = next;
    return events.map((event) => {
      const { invocationId } = event.run;
      if (event.event === 'started') return `started ${invocationId}`;
      const { status, asked, because } = event;
      return `exited ${invocationId} ${Object.values(status).join(' ')}${asked ? ' asked' : ''}${because === null ? '' : ` ${because}`}`;
    });
  });
}

describe('what happened to a unit', () => {
  test('each start and each exit once, however often systemd sends its state', () => {
    const waiting = ended(1, { activeState: 'activating', subState: 'auto-restart' });
    assert.deepEqual(
      follow(running(1), running(1), ended(1), waiting, waiting, running(2), running(2), ended(2)),
      ['started i1', 'exited i1 code 3', 'started i2', 'exited i2 code 3'],
    );
  });

  test('a unit that had failed before crashmon came', () => {
    assert.deepEqual(follow(ended(1), ended(1)), ['exited i1 code 3']);
  });

  test('a start and an exit in one', () => {
    assert.deepEqual(follow(running(1), ended(2)), ['started i1', 'exited i2 code 3']);
  });

  test('a stop is asked, whatever its exit', () => {
    const stopping = { ...running(1), activeState: 'deactivating', subState: 'stop-sigterm' };
    const late = { ...stopping, subState: 'stop-sigkill', result: 'timeout' };
    const killed = ended(1, { execMainCode: 2, execMainStatus: 9, result: 'timeout' });
    assert.deepEqual(follow(running(1), stopping, ended(1)), ['started i1', 'exited i1 code 3 asked']);
    assert.deepEqual(follow(running(1), stopping, late, killed), [
      'started i1',
      'exited i1 signal SIGKILL asked',
    ]);
    assert.deepEqual(follow(running(1), stopping, ended(1), running(2), ended(2)).at(-1), 'exited i2 code 3');
  });

  test('what systemd ends itself is not asked', () => {
    const late = { ...running(1), activeState: 'deactivating', subState: 'stop-sigterm', result: 'timeout' };
    const killed = ended(1, { execMainCode: 2, execMainStatus: 15, result: 'timeout' });
    assert.deepEqual(follow(running(1), late, killed), ['started i1', 'exited i1 signal SIGTERM timeout']);
  });

  test('before the main process of a start, the one before is not its', () => {
    const preparing = { ...ended(1), invocationId: 'i2', subState: 'start-pre', mainPid: 0 };
    assert.deepEqual(follow(preparing, running(2)), ['started i2']);
  });
});

test('reads properties, and takes nothing that is missing or of another type', () => {
  const service = { MainPID: 7, ExecMainStartTimestamp: 5n, NRestarts: 'x', Result: 'success' };
  const snapshot = toSnapshot(service, { InvocationID: Buffer.from('ab01', 'hex'), SubState: 4 });
  assert.deepEqual(
    [snapshot.mainPid, snapshot.execMainStartUs, snapshot.restarts, snapshot.invocationId, snapshot.subState],
    [7, 5, 0, 'ab01', ''],
  );
});

test('a path names a unit', () => {
  assert.equal(unitOfPath('/org/freedesktop/systemd1/unit/shop_40a_2db_2eservice'), 'shop@a-b.service');
});
