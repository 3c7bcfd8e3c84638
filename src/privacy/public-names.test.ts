import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorMs } from '../../test/support/processor-time.ts';
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
  const usedMs = processorMs(() => {
    for (const part of ['a.', 'new ', '<a', '[as ', '#']) publicFunction(part.repeat(100).slice(0, 199));
  });
  assert.ok(usedMs < 1000);
});

test('types, codes and packages', () => {
  assert.equal(publicType('mongo.MongoServerError'), 'mongo.MongoServerError');
  assert.equal(publicType('Error: x'), null);
  assert.equal(publicType(`E${'x'.repeat(80)}`), null);
  assert.equal(publicCode('ERR_INVALID_ARG_TYPE', null), 'ERR_INVALID_ARG_TYPE');
  assert.equal(publicCode('user-17', null), null);
  assert.equal(publicModule('@scope/name.js'), '@scope/name.js');
  assert.equal(publicModule('a/b'), null);
});

test('a SQLSTATE passes only as a code of a database driver, and only of a class that exists', () => {
  for (const code of ['57P01', '23505', '42P01', '08006', 'XX000']) {
    assert.equal(publicCode(code, 'DatabaseError'), code);
    assert.equal(publicCode(code, 'PostgresError'), code);
  }
  // A postal code, for one.
  for (const type of ['Error', 'CustomerError', null]) assert.equal(publicCode('23505', type), null);
  for (const code of ['99999', '10115', '2350', '235050', '57p01', '57P0 ', 'alice'])
    assert.equal(publicCode(code, 'DatabaseError'), null, code);
});
