import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listWords, plural } from './quantity-words.ts';

test('numbers agree with their noun; lists are bounded', () => {
  assert.equal(plural(1, 'crash', 'crashes'), '1 crash');
  assert.equal(plural(10_431, 'crash', 'crashes'), '10,431 crashes');
  assert.equal(listWords([]), '');
  assert.equal(listWords(['a']), 'a');
  assert.equal(listWords(['a', 'b', 'c']), 'a, b and c');
  assert.equal(listWords(['a', 'b', 'c', 'd']), 'a, b and 2 more');
});
