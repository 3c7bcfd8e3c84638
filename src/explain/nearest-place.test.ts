import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stack } from '../../test/support/signature/stacks.ts';
import { nearestPlace } from './nearest-place.ts';

const cause = (text: string) => ({ exceptionType: 'Error', code: null, frames: stack(text), members: [] });
const WRAP = stack('wrap (src/wrap.ts:3:1)\nload (src/a.ts:9:1)');

test('the first frame of the app', () => {
  const frames = stack('parse [json] (node_modules/json/a.js:1:1)\nload (src/a.ts:9:1)\nmain (src/b.ts:2:1)');
  assert.equal(nearestPlace({ frames, causes: [] }), 'src/a.ts:9');
  assert.equal(nearestPlace({ frames: [], causes: [] }), null);
});

test('of a wrapped error that of the innermost cause which has one', () => {
  const causes = [cause('parse (src/parse.ts:5:1)'), cause('read [fs] (node_modules/fs/a.js:1:1)')];
  assert.equal(nearestPlace({ frames: WRAP, causes }), 'src/parse.ts:5');
  assert.equal(nearestPlace({ frames: WRAP, causes: causes.slice(1) }), 'src/wrap.ts:3');
});

test('of a stack without files the function', () => {
  const frames = stack('Shop.Cart.Total (src/a.cs:1:1)').map((frame) => ({
    ...frame,
    file: null,
    line: null,
  }));
  assert.equal(nearestPlace({ frames, causes: [] }), 'Shop.Cart.Total');
});
