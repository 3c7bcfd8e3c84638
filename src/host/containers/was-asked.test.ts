import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStartedAgain, wasAsked } from './was-asked.ts';

test('a signal that ends a process is a request, another is not; of an unnamed one the exit code shows it', () => {
  const heard = (...signals: (number | null)[]) => ({ signals, isRestarted: false });
  assert.equal(wasAsked(heard(), 143), false);
  assert.equal(wasAsked(heard(1), 1), false);
  assert.equal(wasAsked(heard(1, 15), 1), true);
  assert.equal(wasAsked(heard(null), 137), true);
  assert.equal(wasAsked(heard(null), 139), false);
  assert.equal(wasAsked({ signals: [], isRestarted: true }, 1), true);
});

test('what an engine does not start again by its policy was stopped', () => {
  assert.equal(isStartedAgain({ name: 'always', limit: 0 }, 0, 9), true);
  assert.equal(isStartedAgain({ name: 'on-failure', limit: 3 }, 1, 2), true);
  assert.equal(isStartedAgain({ name: 'on-failure', limit: 3 }, 1, 3), false);
  assert.equal(isStartedAgain({ name: 'on-failure', limit: 0 }, 0, 0), false);
  assert.equal(isStartedAgain({ name: '', limit: 0 }, 1, 0), false);
});
