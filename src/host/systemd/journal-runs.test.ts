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
  for (const text of lines) {
    const entry = parseUnitEntry(text);
    assert.ok(entry !== null, text);
    reading.add(entry);
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
    const unit = { unit: 'shop.service', bootId: 'b', asked: false, because: null };
    assert.deepEqual(exits, [
      { ...unit, invocationId: 'i1', startedAtMs: 10, endedAtMs: 20, status: { type: 'code', code: 3 } },
      {
        ...{ ...unit, invocationId: 'i2', startedAtMs: null, endedAtMs: 40 },
        status: { type: 'signal', signal: 'SIGSEGV' },
      },
    ]);
    assert.deepEqual([...restarts], [['shop.service', [1]]]);
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

  test('no exit: another command of the unit, a good end, a failed start', () => {
    const { exits } = read(
      ...[line('exited', 1, 10, exit('exited', 1, 'ExecStartPre')), line('succeeded', 2, 20)],
      line('failed', 3, 30, { UNIT_RESULT: 'exit-code' }),
    );
    assert.deepEqual(exits, []);
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
