import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ProbeLine, ProbeLines } from './probe-lines.ts';

const read = (...parts: (string | Buffer)[]) => {
  const lines = new ProbeLines();
  return parts.flatMap((part) => lines.add(Buffer.from(part)));
};
const record = (pid: number, text: string): ProbeLine => ({ type: 'record', pid, text });

test('a claim and a record in pieces, wherever the reads cut them', () => {
  const bytes = Buffer.from('c 12\nr 12 0 0 2 {"a":"\nr 12 0 1 2 ü"}\n');
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(read(bytes.subarray(0, at), bytes.subarray(at)), [
      { type: 'claim', pid: 12 },
      record(12, '{"a":"ü"}'),
    ]);
  }
});

test('records of two processes at the same time', () => {
  assert.deepEqual(read('r 1 0 0 2 a\nr 2 0 0 2 c\nr 1 0 1 2 b\nr 2 0 1 2 d\n'), [
    record(1, 'ab'),
    record(2, 'cd'),
  ]);
});

test('a record that was cut short is left out, the next one is not', () => {
  assert.deepEqual(read('r 1 0 0 3 a\nr 1 0 1 3 b\nr 1 1 0 1 whole\n'), [record(1, 'whole')]);
});

test('pieces that were lost, repeated, too many or too long are left out', () => {
  const long = 'x'.repeat(5_000);
  for (const wrong of [
    'r 1 0 1 2 b\n',
    'r 1 0 0 2 a\nr 1 0 0 2 a\nr 1 0 2 2 b\n',
    'r 1 0 0 16 a\n',
    'r 1 0 0 0 a\n',
    `r 1 0 0 1 ${long}\n`,
    'c 0\n',
    'c -1\n',
    'c 99999999999\n',
  ]) {
    assert.deepEqual(read(wrong, 'c 7\n'), [{ type: 'claim', pid: 7 }], wrong.slice(0, 30));
  }
  assert.deepEqual(read(`${long}`, `${long}`, 'r 1 0 0 1 tail\n', 'c 7\n'), [{ type: 'claim', pid: 7 }]);
});

test('any bytes: at most a bounded amount is kept', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (parts) => {
      const lines = new ProbeLines();
      for (const part of parts) lines.add(Buffer.from(part));
      assert.deepEqual(lines.add(Buffer.from('\nc 5\n')).at(-1), { type: 'claim', pid: 5 });
    }),
  );
});
