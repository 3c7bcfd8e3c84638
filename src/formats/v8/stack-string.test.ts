import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesOfStackString } from './stack-string.ts';

const place = (line: number) => `/srv/shop/cart.js:${line}:5`;

test('frames follow the message, whatever that looks like', () => {
  const message = `no item\n    at alice (${place(1)})`;
  const stack = `Error: ${message}\n    at async Cart.total (${place(2)})\n    at ${place(3)}`;
  assert.deepEqual(framesOfStackString(stack, message), [
    { function: 'Cart.total', file: '/srv/shop/cart.js', line: 2, column: 5, async: true },
    { function: null, file: '/srv/shop/cart.js', line: 3, column: 5, async: false },
  ]);
});

test('a second stack, of the emitter of an error event, is another one', () => {
  const stack = `Error: x\n    at f (${place(2)})\nEmitted 'error' event at:\n    at g (${place(3)})`;
  assert.deepEqual(
    framesOfStackString(stack, 'x').map(({ line }) => line),
    [2],
  );
});

test('names as V8 writes them', () => {
  const stack = `E\n    at Object.<anonymous> (${place(1)})\n    at Timeout.fail [as _onTimeout] (${place(2)})\n    at async Promise.all (index 0)\n    at Array.map (<anonymous>)`;
  assert.deepEqual(
    framesOfStackString(stack, '').map(({ function: name }) => name),
    [null, 'Timeout.fail', 'Promise.all', 'Array.map'],
  );
});

test('any text ends', () => {
  assert.deepEqual(framesOfStackString('', 'x'), []);
  assert.equal(framesOfStackString(`    at f (${place(1)})\n`.repeat(5000), '').length, 200);
});
