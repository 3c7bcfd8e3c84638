import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printable } from './printable.ts';

test('colors go, other control sequences become visible', () => {
  assert.equal(printable('\x1b[1;31mred\x1b[0m'), 'red');
  assert.equal(
    printable('\x1b]0;title\x07\x1b[2J\x9b1m\r\u202e'),
    '\\x1b]0;title\\x07\\x1b[2J\\x9b1m\\x0d\\u202e',
  );
  assert.equal(printable('a\tb\r\nü€😀'), 'a\tb\nü€😀');
});

test('no control character but newline and tab is ever left', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('\x1b', '[', '3', 'm', ';')),
      (text, more) => {
        assert.doesNotMatch(printable(text + more.join('')).replaceAll(/[\n\t]/g, ''), /\p{Cc}/u);
      },
    ),
  );
});
