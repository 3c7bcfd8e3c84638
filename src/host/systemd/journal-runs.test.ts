import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MESSAGES, parseOutputEntry, parseUnitEntry } from './journal-entry.ts';
import { JournalReading } from './journal-runs.ts';

type Fields = Record<string, string>;

/** As journalctl writes it. */
const line = (what: keyof typeof MESSAGES, run: number, atMs: number, fields: Fields = {}) =>
  JSON.stringify({
    ...{ MESSAGE_ID: MESSAGES[what], UNIT: 'shop.service', INVOCATION_ID: `i${run}`, _BOOT_ID: 'b' },
    ...{ __CURSOR: `c${atMs}`, __REALTIME_TIMESTAMP: String(atMs * 1000) },
    ...fields,
  });
const exit = (code: string, status: number, command = 'ExecStart') => ({
  ...{ EXIT_CODE: code, EXIT_STATUS: String(status), COMMAND: command },
});

function read(...lines: string[]) {
  const reading = new JournalReading();
  let after = 'c0';
  for (const text of lines) {
    const entry = parseUnitEntry(text);
    assert.ok(entry !== null, text);
    reading.add(entry, after);
    after = entry.cursor;
  }
  return reading.result();
}

describe('runs of units in the journal', () => {
  test('a crash loop: each exit with its start, and what NRestarts became', () => {
    const { exits, restarts } = read(
      ...[line('started', 1, 10), line('exited', 1, 20, exit('exited', 3))],
      ...[
        line('failed', 1, 20, { UNIT_RESULT: 'exit-code' }),
        line('restarting', 1, 30, { N_RESTARTS: '1' }),
      ],
      ...[line('exited', 2, 40, exit('killed', 11)), line('failed', 2, 40, { UNIT_RESULT: 'signal' })],
    );
    const unit = { unit: 'shop.service', bootId: 'b', asked: false, because: null, restartAtLeast: 0 };
    assert.deepEqual(exits, [
      {
        ...{ ...unit, invocationId: 'i1', startedAtMs: 10, endedAtMs: 20, isRestartLogged: true },
        status: { type: 'code', code: 3 },
      },
      {
        ...{ ...unit, invocationId: 'i2', startedAtMs: null, endedAtMs: 40, isRestartLogged: false },
        restartAtLeast: 2,
        status: { type: 'signal', signal: 'SIGSEGV' },
      },
    ]);
    assert.deepEqual([...restarts], [['b/shop.service', [1]]]);
  });

  test('restarts before a manual start, from which systemd counts from 0 again, stay', () => {
    const crash = (run: number, count: string) => [
      line('exited', run, run * 10, exit('exited', 3)),
      line('restarting', run, run * 10 + 5, { N_RESTARTS: count }),
    ];
    const { restarts } = read(...crash(1, '1'), ...crash(2, '2'), line('started', 4, 40), ...crash(4, '1'));
    assert.deepEqual([...restarts], [['b/shop.service', [1, 2, 1]]]);
  });

  test('a stop is asked; one after the exit says nothing', () => {
    const { exits } = read(
      ...[line('stopping', 1, 10), line('exited', 1, 20, exit('exited', 4))],
      ...[line('exited', 2, 30, exit('exited', 5)), line('stopping', 2, 40)],
    );
    assert.deepEqual(
      exits.map(({ asked }) => asked),
      [true, false],
    );
  });

  test('a stop that goes on is read again, together with its end', () => {
    const stop = [line('started', 1, 10), line('stopping', 1, 20)];
    assert.equal(read(...stop).resumeAfter, 'c10');
    assert.equal(read(line('stopping', 2, 5), ...stop).resumeAfter, 'c0');
    for (const what of ['succeeded', 'failed'] as const)
      assert.equal(read(...stop, line(what, 1, 30)).resumeAfter, null);
    assert.equal(read(...stop, line('exited', 1, 30, exit('exited', 1))).resumeAfter, null);
    // It never ended, as far as the journal has it.
    assert.equal(read(...stop, line('started', 2, 700_000)).resumeAfter, null);
  });

  test('no exit: another command of the unit, a good end, a failed start', () => {
    const { exits } = read(
      ...[line('exited', 1, 10, exit('exited', 1, 'ExecStartPre')), line('succeeded', 2, 20)],
      line('failed', 3, 30, { UNIT_RESULT: 'exit-code' }),
    );
    assert.deepEqual(exits, []);
  });

  test('the restart after an end that is not in the journal is not explained', () => {
    const restart = line('restarting', 1, 30, { N_RESTARTS: '1' });
    const failed = (result: string) => line('failed', 1, 20, { UNIT_RESULT: result });
    assert.deepEqual([...read(failed('exit-code'), restart).restarts], []);
    const pre = line('exited', 1, 10, exit('exited', 1, 'ExecStartPre'));
    for (const lines of [[pre, failed('exit-code')], [failed('start-limit-hit')], [line('succeeded', 1, 20)]])
      assert.deepEqual([...read(...lines, restart).restarts], [['b/shop.service', [1]]]);
  });

  test('a good end, and whether it was a stop', () => {
    const { quietEnds } = read(
      ...[line('stopping', 1, 10), line('succeeded', 1, 20), line('succeeded', 2, 30)],
    );
    assert.deepEqual(quietEnds, [
      { unit: 'shop.service', invocationId: 'i1', atMs: 20, asked: true },
      { unit: 'shop.service', invocationId: 'i2', atMs: 30, asked: false },
    ]);
  });

  test('systemd logs no exit where it ended the process because of a limit', () => {
    const { exits } = read(line('failed', 1, 10, { UNIT_RESULT: 'timeout' }));
    assert.deepEqual(exits[0]?.status, { type: 'unknown' });
    assert.equal(exits[0]?.because, 'timeout');
  });

  test('any text is an entry or null', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseUnitEntry(text);
        parseOutputEntry(text);
      }),
    );
    assert.equal(parseUnitEntry('{"MESSAGE_ID":["a","b"]}'), null);
  });

  test('output that is not UTF-8 comes as bytes', () => {
    const entry = { _SYSTEMD_INVOCATION_ID: 'i1', __REALTIME_TIMESTAMP: '1000' };
    assert.deepEqual(
      parseOutputEntry(JSON.stringify({ ...entry, MESSAGE: [255, 65] }))?.bytes,
      Buffer.from([255, 65]),
    );
    assert.equal(parseOutputEntry(JSON.stringify({ ...entry, MESSAGE: null })), null);
  });
});

test('one reading has a limit, and drops nothing', () => {
  const reading = new JournalReading(new Set(), 2);
  for (const run of [1, 2]) {
    assert.equal(reading.isFull, false);
    const entry = parseUnitEntry(line('exited', run, run, exit('exited', 3)));
    assert.ok(entry !== null);
    reading.add(entry);
  }
  assert.equal(reading.isFull, true);
  assert.equal(reading.result().exits.length, 2);
});
