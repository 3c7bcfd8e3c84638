import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tracingRight } from './ptrace-scope.ts';

test('what each value of ptrace_scope allows, without and with CAP_SYS_PTRACE', () => {
  for (const [scope, without, withIt] of [
    [0, 'any', 'any'],
    [1, 'descendants', 'any'],
    [2, 'none', 'any'],
    [3, 'never', 'never'],
  ] as const) {
    assert.equal(tracingRight(scope, false), without, `${scope}`);
    assert.equal(tracingRight(scope, true), withIt, `${scope}`);
  }
});
