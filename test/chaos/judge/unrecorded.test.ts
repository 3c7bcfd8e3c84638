import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unrecordedSpans } from './unrecorded.ts';

const TROUBLE = { what: 'disk-trouble', fromS: 10, toS: 20 };
const life = (fromS: number, toS: number | null, saidUnrecorded = false) => ({ fromS, toS, saidUnrecorded });

test('what a crashmon could not store before it ended can be lost, and nothing else', () => {
  assert.deepEqual(unrecordedSpans([life(0, 15)], [TROUBLE]), [{ fromS: 10, toS: 15 }]);
  assert.deepEqual(unrecordedSpans([life(0, 22)], [TROUBLE]), [{ fromS: 10, toS: 22 }]);
  const again = { ...TROUBLE, fromS: 24, toS: 30 };
  assert.deepEqual(unrecordedSpans([life(0, 29)], [again, TROUBLE]), [{ fromS: 10, toS: 29 }]);
  assert.deepEqual(unrecordedSpans([life(0, 9), life(9, 40), life(40, null)], [TROUBLE]), []);
  assert.deepEqual(unrecordedSpans([life(0, 15)], [{ ...TROUBLE, what: 'stop-asked' }]), []);
});

test('of a crashmon that says that it records nothing, everything can be missing', () => {
  assert.deepEqual(unrecordedSpans([life(3, 8, true), life(8, 9)], []), [{ fromS: 3, toS: 8 }]);
});
