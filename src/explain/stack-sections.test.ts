import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Runtime } from '../model/runtime.ts';
import { exceptionSections } from './stack-sections.ts';

test('exceptions of a group are its errors, those of Java were suppressed', () => {
  const of = (exceptionType: string) => ({ exceptionType, code: null, frames: [], members: [] });
  const headings = (name: Runtime) =>
    exceptionSections({
      runtime: { name, version: null },
      members: [of('A')],
      causes: [{ ...of('B'), members: [of('C')] }],
    }).flatMap(({ heading, nested }) => [heading, ...nested.map((one) => one.heading)]);
  assert.deepEqual(headings('python'), ['Error 1 of 1: A', 'Caused by: B', 'Error 1 of 1: C']);
  assert.deepEqual(headings('java'), ['Suppressed 1 of 1: A', 'Caused by: B', 'Suppressed 1 of 1: C']);
});
