import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesGlob } from './glob.ts';

test('a glob matches the whole text', () => {
  const cases: [string, string, boolean][] = [
    ['shop', 'shop', true],
    ['shop', 'shop-2', false],
    ['shop-*', 'shop-2', true],
    ['*shop', 'web/shop', true],
    ['sh?p', 'shop', true],
    ['sh?p', 'shp', false],
    ['*', '', true],
    ['', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['node *server.js*', 'node /srv/server.js --port 1', true],
    ['[shop].+', '[shop].+', true],
  ];
  for (const [glob, text, expected] of cases)
    assert.equal(matchesGlob(glob, text), expected, `${glob} ${text}`);
});

test('the same as a regular expression', () => {
  const letters = (more: string) => fc.string({ unit: fc.constantFrom(...'ab', ...more), maxLength: 8 });
  fc.assert(
    fc.property(letters('*?'), letters(''), (glob, text) => {
      const pattern = glob.replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(matchesGlob(glob, text), new RegExp(`^${pattern}$`).test(text));
    }),
  );
});
