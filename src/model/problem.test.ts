import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKnownProblem, PROBLEMS, type ProblemCode, problem } from './problem.ts';

test('every problem is known with any count, and nothing else is', () => {
  for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
    for (const count of [0, 1, 9_999_999]) assert.ok(isKnownProblem(problem(code, count)), code);
    assert.ok(!isKnownProblem(`${problem(code)} alice`));
    assert.ok(!isKnownProblem(problem(code).replace(' ', ' 4111 ')));
  }
  assert.ok(!isKnownProblem(''));
  assert.ok(!isKnownProblem(problem('frames-cut', 4_111_111_111)));
});

test('words agree with their number', () => {
  assert.equal(problem('frames-cut', 1), '1 frame was left out because the stack is too long.');
  assert.equal(problem('frames-cut', 2), '2 frames were left out because the stack is too long.');
  for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
    assert.doesNotMatch(problem(code, 1), /\b1 (?:further )?(?:frames|files|threads|functions)\b|[{|}]/);
    assert.doesNotMatch(problem(code, 2), /[{|}]/);
  }
  // As earlier versions wrote it.
  assert.ok(isKnownProblem('1 frames were left out because the stack is too long.'));
});
