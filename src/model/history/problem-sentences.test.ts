import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { previousSentences } from '../../../test/support/previous-version.ts';
import { readCoded } from '../coded.ts';
import { readProblem } from '../read-problem.ts';
import { sentenceOfProblem } from './problem-sentences.ts';

const SENTENCES = previousSentences().problems;

test('every sentence of version 0.1 is its code and count, and the code is the sentence again', () => {
  for (const { code, count, sentence } of SENTENCES) {
    const problem = readProblem(sentence);
    assert.deepEqual(problem, count === 0 ? { code } : { code, count }, sentence);
    assert.equal(sentenceOfProblem(problem), sentence);
  }
  assert.ok(SENTENCES.length > 60);
});

test('so are its older ones', () => {
  const cases: [string, object][] = [
    ['1 frames were left out because the stack is too long.', { code: 'frames-cut', count: 1 }],
    ['The analysis process failed twice.', { code: 'analysis-failed' }],
    ['Crashes came faster than they could be analysed.', { code: 'too-many-crashes' }],
  ];
  for (const [sentence, problem] of cases) assert.deepEqual(readProblem(sentence), problem);
});

test('nothing else is a problem', () => {
  for (const { sentence } of SENTENCES) {
    assert.deepEqual(readProblem(`${sentence} alice`), { code: 'withheld' });
    assert.deepEqual(readProblem(sentence.replace(' ', ' 4111 ')), { code: 'withheld' });
  }
  const text = fc.string().filter((each) => readCoded(each) === null);
  fc.assert(fc.property(text, (each) => readProblem(each).code === 'withheld'));
});
