import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../../../../test/support/last-words/read-text.ts';

const CART = `<?php
class Cart {
  function total() {
    return array_map(fn ($item) => $this->price($item), $this->items);
  }
}
(new Cart)->total();
`;

test('PHP 8.4 names closures by their place, and PHP 8.5 prints stacks of fatal errors', () => {
  const text = `PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 64 bytes) in cart.php on line 4
Stack trace:
#0 [internal function]: {closure:Cart::total():4}('4111, (x)')
#1 cart.php(4): array_map(Object(Closure), Array)
#2 cart.php(7): Cart->total()
#3 {main}
`;
  const { words, type, calls } = readText('php', text, { 'cart.php': CART });
  assert.deepEqual([words?.form, type, words?.linesAfter], ['memory-limit', null, 0]);
  assert.deepEqual(calls, [
    '{closure} cart.php:4',
    '? array_map -:-',
    'Cart->total cart.php:4',
    '{main} cart.php:7',
  ]);
});

test('a call that is not in its file is left out and counted', () => {
  const text = `PHP Fatal error:  Uncaught Exception: x in cart.php:4
Stack trace:
#0 cart.php(7): Cart->secret()
#1 {main}
  thrown in cart.php on line 4
`;
  const { words, calls } = readText('php', text, { 'cart.php': CART });
  assert.deepEqual([calls, words?.error.refuted], [['{main} cart.php:7'], 1]);
});

test('the place of the throw has to be that of the last line', () => {
  const text = `PHP Fatal error:  Uncaught Exception: x in cart.php:4
Stack trace:
#0 {main}
  thrown in cart.php on line 5
`;
  assert.equal(readText('php', text, { 'cart.php': CART }).words, null);
});

test('numbers of a stack have no gap', () => {
  const text = `PHP Fatal error:  Uncaught Exception: x in cart.php:4
Stack trace:
#1 cart.php(7): Cart->total()
#2 {main}
  thrown in cart.php on line 4
`;
  assert.equal(readText('php', text, { 'cart.php': CART }).words, null);
});

test('lines that php-fpm wraps are of a child', () => {
  const text = [
    'NOTICE: PHP message: PHP Fatal error:  Uncaught Exception: x in cart.php:4',
    'Stack trace:',
    '#0 {main}',
    '  thrown in cart.php on line 4',
  ]
    .map((line) => `[28-Nov-2026 19:54:46] WARNING: [pool www] child 30472 said into stderr: "${line}"\n`)
    .join('');
  assert.equal(readText('php', text, { 'cart.php': CART }).words, null);
});
