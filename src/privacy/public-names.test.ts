import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicCode, publicFunction, publicModule, publicType } from './public-names.ts';

test('the names V8 makes pass', () => {
  for (const name of [
    'total',
    'Cart.total',
    'new Cart',
    'async Cart.#load [as load]',
    'Object.<anonymous>',
    'Promise.all (index 2)',
    'get size',
    '<static_initializer>',
    'Cart.[Symbol.iterator]',
    'größe.$_1',
    'Module._extensions..js',
  ]) {
    assert.equal(publicFunction(name), name);
  }
});

test('computed names that are text do not', () => {
  for (const name of [
    'GET /users/alice',
    'alice@example.com',
    'alice smith',
    'a"b',
    '{x}',
    '4111 1111',
    'x'.repeat(201),
  ]) {
    assert.equal(publicFunction(name), null);
  }
});

test('a long hostile name takes no time', () => {
  const started = performance.now();
  for (const part of ['a.', 'new ', '<a', '[as ', '#']) publicFunction(part.repeat(100).slice(0, 199));
  assert.ok(performance.now() - started < 500);
});

test('types, codes and packages', () => {
  assert.equal(publicType('mongo.MongoServerError'), 'mongo.MongoServerError');
  assert.equal(publicType('Error: x'), null);
  assert.equal(publicType(`E${'x'.repeat(80)}`), null);
  assert.equal(publicCode('ERR_INVALID_ARG_TYPE'), 'ERR_INVALID_ARG_TYPE');
  assert.equal(publicCode('user-17'), null);
  assert.equal(publicModule('@scope/name.js'), '@scope/name.js');
  assert.equal(publicModule('a/b'), null);
});
