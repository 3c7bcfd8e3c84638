import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Vouchers } from '../../../model/last-words.ts';
import { readNative } from './read-native.ts';

const SOURCE =
  '#include <cassert>\nint total(int n) { assert(n > 0); return n; }\nint main() { return total(0); }\n';
const VOUCHERS: Vouchers = {
  readSource: (file) => (file === '/srv/shop/cart.cc' ? SOURCE : null),
  readClass: () => null,
  program: null,
};
const read = (...lines: string[]) => readNative(lines, VOUCHERS);

test('a type is the constant of the runtime, without what follows', () => {
  const typeOf = (line: string) => read(line)?.error.type ?? null;
  assert.equal(typeOf('free(): invalid pointer'), 'invalid free');
  assert.equal(typeOf('double free or corruption (!prev)'), 'double free or corruption');
  assert.equal(typeOf('malloc(): unaligned tcache chunk detected'), 'heap corruption');
  assert.equal(
    typeOf('libc++abi: terminating due to uncaught exception of type shop::CouponError: SECRET'),
    'shop::CouponError',
  );
  assert.equal(typeOf('SECRET free(): invalid pointer'), null);
});

test('an assertion is where the source has one', () => {
  const assertion = (line: number) =>
    read(`shop: /srv/shop/cart.cc:${line}: int total(int): Assertion \`n > 0 && "SECRET"' failed.`)?.error;
  assert.deepEqual(assertion(2)?.calls, [
    { function: null, file: '/srv/shop/cart.cc', line: 2, column: null, vouched: true },
  ]);
  assert.deepEqual(assertion(99)?.calls, []);
});

test('what was printed long before is not the reason', () => {
  assert.equal(read('double free or corruption', ...Array(60).fill('x')), null);
});

test('the message of an exception can have any number of lines', () => {
  const words = read(
    "terminate called after throwing an instance of 'shop::CouponError'",
    '  what():  SECRET',
    'SECRET',
  );
  assert.deepEqual([words?.error.type, words?.linesAfter], ['shop::CouponError', 0]);
});

const REPORT = [
  '==41==ERROR: AddressSanitizer: heap-use-after-free on address 0x60b0000000fc at pc 0x1 bp 0x2 sp 0x3',
  'READ of size 4 at 0x60b0000000fc thread T3',
  '    #0 0x555f4339b32d in total(int) /srv/shop/cart.cc:2:9',
  '    #1 0x555f4339b26b in secret /srv/shop/cart.cc:3',
  '    #2 0x555f4339b0e0 in _start (/srv/shop/cart.bin+0x10e0) (BuildId: b7417b36)',
];

test("calls of a sanitizer are compared with the source, and the process is the report's", () => {
  const words = read(...REPORT, '', '==41==ABORTING');
  assert.deepEqual([words?.pid, words?.thread, words?.handled], [41, 'other', false]);
  assert.deepEqual(
    words?.error.calls.map((call) => [call.function, call.line, call.vouched]),
    [
      ['total(int)', 2, true],
      ['_start', null, null],
    ],
  );
  assert.equal(words?.error.refuted, 1);
});

test('a report that the process survived is no death', () => {
  assert.equal(read(...REPORT, '')?.handled, true);
});

test('any lines are read to their end', () => {
  const line = fc.constantFrom(
    ...[...REPORT, '==41==ABORTING', '==41==ERROR: LeakSanitizer: detected memory leaks', ''],
    ...['a.cc:1:2: runtime error: SECRET', 'double free or corruption', 'SECRET', ':'.repeat(900)],
    ...["terminate called after throwing an instance of 'int'", `libc++abi: ${'::'.repeat(400)}`],
    ...[`a: ${'b: Assertion `'.repeat(50)} failed.`, `    #0 0x1 in ${':1'.repeat(400)}`],
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const words = readNative(lines, VOUCHERS);
      if (words === null) return;
      assert.ok(words.from >= 0 && words.from < words.to && words.to <= lines.length);
      assert.doesNotMatch(JSON.stringify(words), /SECRET/);
    }),
  );
});
