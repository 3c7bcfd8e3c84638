import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawFrame } from '../model/probe-record.ts';
import { isFunctionAt, isPositionOf } from './source-evidence.ts';

/** `^` stands before what V8 points at. */
function isAt(text: string, inner: string | null, thrown = { type: 'Error', message: '' }): boolean {
  const column = text.indexOf('^') + 1;
  const frame: RawFrame = { function: 'f', file: '/a.ts', line: 2, column, async: false };
  const caller = inner === null ? null : { ...frame, function: inner };
  return isPositionOf(['', text.replace('^', ''), ''], frame, caller, thrown);
}

test('a call of the next inner frame', () => {
  for (const [text, inner] of [
    ['  ^total(items);', 'total'],
    ['  return shop.^total<Basket>(1);', 'Shop.total'],
    ['  shop?.^total?.(1)', 'async Shop.total'],
    ['  const a = ^new Shop(1);', 'new Shop'],
    ['  throw ^new errors.NotFound();', 'new NotFound'],
    ['    ^super(a);', 'new Base'],
    ['  ^await total(items)', 'total'],
    ['  list.^forEach((x) => {', 'Array.forEach'],
    ['  this.^load()', 'Store.read [as load]'],
  ] as const) {
    // V8's alias is what is written; the name of the function may be another.
    assert.equal(isAt(text, inner), !inner.includes(' [as '), text);
  }
  for (const [text, inner] of [
    ['  ^total(items);', 'load'],
    ['  ^totals(items);', 'total'],
    ['  sub^total(items);', 'total'],
    ['  ^total = 1;', 'total'],
    ['  ^total(items);', null],
    ['  ^total(items);', ''],
    ['  ^total(items);', 'to.*al'],
  ] as const) {
    assert.equal(isAt(text, inner), false, text);
  }
});

test('the place of a throw', () => {
  const unread = { type: 'TypeError', message: "Cannot read properties of null (reading 'cents')" };
  assert.equal(isAt('  throw ^new Error(text)', null), true);
  assert.equal(isAt('  throw ^new ns.Error(text)', null), true);
  assert.equal(isAt('  throw ^Error(text)', null), true);
  assert.equal(isAt('  return price.^cents;', null, unread), true);
  assert.equal(isAt('  ^pay()', null, { type: 'TypeError', message: 'shop.pay is not a function' }), true);
  assert.equal(
    isAt('  ^missing + 1', null, { type: 'ReferenceError', message: 'missing is not defined' }),
    true,
  );
  assert.equal(isAt('  return price.^centsLeft;', null, unread), false);
  assert.equal(isAt('  throw ^new TypeError(text)', null), false);
});

test('where a function begins', () => {
  const source = 'function load<T>(a) {}\nclass Shop { constructor(a) {} }\nconst f = (a) => a;';
  const at = (mark: string) => source.indexOf(mark);
  assert.equal(isFunctionAt(source, at('(a) {}'), 'load'), true);
  assert.equal(isFunctionAt(source, at('(a) {} }'), 'Shop'), true);
  assert.equal(isFunctionAt(source, at('(a) {}'), 'save'), false);
  assert.equal(isFunctionAt(source, at('(a) =>'), 'f'), true);
  assert.equal(isFunctionAt(source, at('(a) =>'), 'g'), false);
  for (const text of ['f: F = async (a)', '{ f: function (a)', 'f = async <T>(a)', 'f: (a)', 'async f(a)']) {
    assert.equal(isFunctionAt(text, text.indexOf('('), 'f'), true, text);
  }
  assert.equal(isFunctionAt(source, at('load'), 'load'), false);
  assert.equal(isFunctionAt(source, 4111, 'load'), false);
});
