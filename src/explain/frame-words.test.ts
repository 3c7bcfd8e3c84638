import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../model/frame.ts';
import { frameLegend, frameWords, rawStack } from './frame-words.ts';

const own: Frame = {
  ...{ function: 'own', file: 'own.js', line: 1, column: 2, module: null, inApp: true, repeat: 1 },
  trust: 'call-site',
};
const stripped: Frame = {
  ...{ ...own, function: null, file: null, line: null, column: null, module: 'lib.so', inApp: false },
  native: { image: 'lib.so', offset: '0x1f', buildId: 'abc', inlined: false },
  ...{ trust: 'scan', repeat: 3000 },
};

test('a frame has a place, its repeat count, and notes on what is uncertain', () => {
  assert.deepEqual(frameWords(stripped), {
    ...{ name: '(no name)', place: 'lib.so+0x1f', origin: [], times: '× 3,000', notes: ['may be stale'] },
  });
  assert.deepEqual(frameWords({ ...own, noLine: 'changed' }).notes, ['file changed']);
});

test('the origin is what the place does not show', () => {
  const inlined = { image: '/srv/server', offset: '0x1', buildId: null, inlined: true };
  assert.deepEqual(frameWords({ ...own, module: 'std', native: inlined }).origin, ['std', 'server']);
  assert.deepEqual(frameWords({ ...own, file: 'node_modules/pg/a.js', module: 'pg' }).origin, []);
  assert.deepEqual(frameWords({ ...own, file: 'dist/bundle.js', module: 'pg' }).origin, ['pg']);
  assert.deepEqual(frameWords({ ...own, file: 'node:net', module: 'node' }).origin, []);
});

test('the legend explains each note once', () => {
  assert.deepEqual(
    frameLegend([own, stripped, stripped]).map(({ short }) => short),
    ['may be stale'],
  );
});

test('the plain text has the same words, and build IDs', () => {
  assert.equal(
    rawStack('SIGSEGV', [own, stripped]),
    'SIGSEGV\n    at own (own.js:1:2)\n    at (no name) (lib.so+0x1f)  × 3,000  build abc  [may be stale]',
  );
});

test('only a function without a name is anonymous', () => {
  const nameOf = (file: string, more: Partial<Frame> = {}) =>
    frameWords({ ...own, function: null, file, ...more }).name;
  assert.equal(nameOf('own.js'), '(anonymous)');
  assert.equal(nameOf('server.pl', { column: null }), '(no function)');
  assert.equal(nameOf('cart.php', { column: null, trust: 'vouched-text' }), '(no function)');
  // A panic prints the place of its code, not the function.
  const panic: Partial<Frame> = { trust: 'vouched-text' };
  assert.equal(nameOf('src/stock.rs', panic), '(unknown function)');
  assert.deepEqual(frameLegend([{ ...own, ...panic, file: 'src/stock.rs' }]), []);
});
