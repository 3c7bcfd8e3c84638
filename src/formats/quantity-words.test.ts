import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, listWords, plural } from './quantity-words.ts';

test('numbers agree with their noun; lists are bounded', () => {
  assert.equal(plural(1, 'crash', 'crashes'), '1 crash');
  assert.equal(plural(10_431, 'crash', 'crashes'), '10,431 crashes');
  assert.equal(listWords([]), '');
  assert.equal(listWords(['a']), 'a');
  assert.equal(listWords(['a', 'b', 'c']), 'a, b and c');
  assert.equal(listWords(['a', 'b', 'c', 'd']), 'a, b and 2 more');
});

test('thousands are separated as Intl does it', () => {
  for (const count of [0, 7, 999, 1000, 12_345, 999_999.5, 1_000_000, 123_456_789, -1234, 2 ** 53]) {
    assert.equal(grouped(count), Math.round(count).toLocaleString('en-US'));
  }
});
