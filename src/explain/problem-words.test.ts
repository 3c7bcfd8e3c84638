import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { PROBLEM_CODES } from '../model/problem.ts';
import { readProblem } from '../model/read-problem.ts';
import { problemWords } from './problem-words.ts';

test('problems in words', () => {
  const cases: [unknown, string][] = [
    [{ code: 'frames-cut', count: 1 }, '1 frame was left out: the stack is too long.'],
    [{ code: 'frames-cut', count: 2 }, '2 frames were left out: the stack is too long.'],
    ['source-map-damaged count=1', 'The source map of 1 file is damaged; positions are of generated code.'],
    [
      'source-map-damaged count=3',
      'The source maps of 3 files are damaged; positions are of generated code.',
    ],
    [{ code: 'later-problem', count: 7 }, 'Unknown problem "later-problem".'],
    ['No price for card 4111', 'A problem that this version of crashmon cannot read.'],
  ];
  for (const [value, words] of cases) assert.equal(problemWords(readProblem(value)), words);
});

test('every code has words, in number', () => {
  for (const code of PROBLEM_CODES) {
    for (const count of [1, 2]) assert.match(problemWords({ code, count }), /^[^{}|\n]{20,180}\.$/);
    assert.doesNotMatch(
      problemWords({ code, count: 1 }),
      /\b1 (?:more )?(?:frames|files|threads|names|records)\b/,
    );
    assert.doesNotMatch(
      problemWords({ code, count: 2 }),
      /\b2 (?:more )?(?:frame|file|thread|name|record)\b/,
    );
  }
});

test('docs/report-schema.md lists every code', () => {
  const docs = readFileSync(path.join(CHECKOUT, 'docs', 'report-schema.md'), 'utf8');
  const [, section = ''] = docs.split('\n## Problems\n');
  const list = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => /^[* ] /.test(line));
  const listed = [...list.join('\n').matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
  assert.deepEqual(listed.toSorted(), PROBLEM_CODES.toSorted());
});
