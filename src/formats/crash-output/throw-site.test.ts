import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseThrowSite } from './throw-site.ts';

test('tabs count as one column', () => {
  assert.deepEqual(parseThrowSite('\n/app/t.js:2\n\tx(); throw 1;\n\t     ^\nsecret\n'), {
    file: '/app/t.js',
    line: 2,
    column: 7,
    sourceLine: '\tx(); throw 1;',
  });
});

test('a file name may hold colons and blanks', () => {
  assert.equal(parseThrowSite('/a b:1:2/c.js:3\nx\n^^^\n')?.file, '/a b:1:2/c.js');
});

test('beyond 1,020 columns Node prints blanks only: the column is unknown', () => {
  const site = parseThrowSite(`/app/min.js:1\n${'a'.repeat(5000)}\n${' '.repeat(1020)}\n1\n`);
  assert.equal(site?.line, 1);
  assert.equal(site?.column, null);
});

test('nothing is taken unless the text begins with an excerpt', () => {
  for (const text of [
    '',
    'message\n/app/t.js:2\nthrow 1\n^\n',
    '\n\n/app/t.js:2\nthrow 1\n^\n',
    '/app/t.js:2\nthrow 1\n',
    '/app/t.js:2\nthrow 1\n  x^\n',
    '/app/t.js:0\nthrow 1\n^\n',
    '/app/t.js\nthrow 1\n^\n',
    '/app/t.js:2\nthrow 1\n   \n',
  ]) {
    assert.equal(parseThrowSite(text), null, JSON.stringify(text));
  }
});

test('what follows the excerpt has no influence, and arbitrary text never throws', () => {
  const excerpt = '/app/t.js:2\nthrow 1\n^\n';
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseThrowSite(text);
      assert.deepEqual(parseThrowSite(excerpt + text), parseThrowSite(excerpt));
    }),
  );
});
