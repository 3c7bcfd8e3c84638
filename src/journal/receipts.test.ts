import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, test } from 'node:test';
import { migrate } from './migrations.ts';
import {
  beginReceipts,
  type Leaving,
  pruneReceipts,
  putOutcome,
  putReceipts,
  readReceipts,
  readTotals,
} from './receipts.ts';

const CRASH = '0cae56bf4322';
const record = (changes: Partial<Leaving> = {}): Leaving => ({
  uid: `01a22d19aec8${CRASH}`,
  what: 'app.crash',
  crashes: [CRASH],
  counted: null,
  destination: 'https://portal.example.com/v1/logs',
  content: '{"a":1}',
  source: '[]',
  ...changes,
});

describe('receipts', () => {
  let database: DatabaseSync;
  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    migrate(database, 'memory');
    beginReceipts(database);
  });
  const read = () => readReceipts(database, CRASH, 500);

  test('they are from the first crash on only if none was recorded before', () => {
    assert.equal(readTotals(database)?.isFromFirst, true);
    const used = new DatabaseSync(':memory:');
    migrate(used, 'memory');
    used.exec("INSERT INTO runs (id, started, armed, command_hash, died) VALUES ('a', '1', 0, '', '2')");
    beginReceipts(used);
    assert.equal(readTotals(used)?.isFromFirst, false);
  });

  test('what is sent again is counted, what changed is another receipt', () => {
    putReceipts(database, [record()], { atMs: 1_000 });
    putReceipts(database, [record()], { atMs: 2_000 });
    putReceipts(database, [record({ content: '{"a":2}' })], { atMs: 3_000 });
    assert.deepEqual(
      read().map(({ content, times, firstAtMs, lastAtMs, bytes }) => [
        content,
        times,
        firstAtMs,
        lastAtMs,
        bytes,
      ]),
      [
        ['{"a":1}', 2, 1_000, 2_000, 9],
        ['{"a":2}', 1, 3_000, 3_000, 9],
      ],
    );
  });

  test('an answer is that to what was sent last', () => {
    putReceipts(database, [record(), record({ content: '{}' })], { atMs: 1_000 });
    putOutcome(database, record().uid, record().destination, 'accepted');
    assert.deepEqual(
      read().map(({ outcome }) => outcome),
      [null, 'accepted'],
    );
  });

  test('a message is in the receipts of the crashes that it describes or counts', () => {
    const counted = { fromMs: 400, untilMs: 600 };
    putReceipts(database, [record({ crashes: ['aaaaaaaaaaaa'], counted })], { atMs: 1_000 });
    assert.equal(read().length, 1);
    assert.equal(readReceipts(database, 'aaaaaaaaaaaa', 0).length, 1);
    assert.equal(readReceipts(database, CRASH, 700).length, 0);
  });

  test('the oldest are deleted beyond a number, and beyond a size; what is left says until when', () => {
    for (let at = 1; at <= 10; at++)
      putReceipts(database, [record({ content: `"${at}${'x'.repeat(100)}"` })], { atMs: at });
    pruneReceipts(database, { rows: 6, bytes: 1_000_000 });
    assert.deepEqual([read().length, readTotals(database)?.deletedUntilMs], [6, 4]);
    pruneReceipts(database, { rows: 6, bytes: 250 });
    assert.deepEqual([read().length, readTotals(database)?.deletedUntilMs], [2, 8]);
    pruneReceipts(database, { rows: 6, bytes: 250 });
    assert.equal(read().length, 2);
  });

  test('what is about no single crash is only counted', () => {
    const others = new Map([['crashmon.heartbeat', { count: 2, bytes: 900 }]]);
    putReceipts(database, [], { atMs: 1, others });
    putReceipts(database, [], { atMs: 2, others, withoutReceipt: 3 });
    const { others: counted, withoutReceipt } = readTotals(database) ?? assert.fail();
    assert.deepEqual([counted, withoutReceipt], [{ 'crashmon.heartbeat': { count: 4, bytes: 1_800 } }, 3]);
  });
});
