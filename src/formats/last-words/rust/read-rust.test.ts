import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Vouchers } from '../../../model/last-words.ts';
import { readRust } from './read-rust.ts';

const NONE: Vouchers = { readSource: () => null, readClass: () => null, program: null };
const PROGRAM: Vouchers = {
  ...NONE,
  program: {
    hasFunction: (name) => !name.includes('SECRET'),
    hasFile: (file) => !file.includes('SECRET'),
    hasType: (name) => name === 'CouponError',
  },
};
const HEADING = "thread 'main' (41) panicked at src/cart.rs:2:7:";
const NOTE = 'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace';
const STACK = [
  'stack backtrace:',
  '   0: shop::total',
  '             at src/cart.rs:2:7',
  '   1: shop::main',
];
const FAKE = ['stack backtrace:', '   0: SECRET::pay', '             at src/SECRET.rs:1:5'];

const callsOf = (lines: readonly string[], vouchers = PROGRAM) =>
  readRust(lines, vouchers)?.error.calls.map((call) => `${call.function} ${call.file}:${call.line}`);

describe('the form before Rust 1.73', () => {
  test('has the place below the message', () => {
    const lines = [
      "thread 'main' panicked at 'called `Option::unwrap()` on a SECRET', src/cart.rs:2:7",
      NOTE,
    ];
    assert.deepEqual(callsOf(lines), ['null src/cart.rs:2']);
    assert.deepEqual(callsOf(["thread 'main' panicked at 'SECRET", "SECRET', src/cart.rs:2:7", NOTE]), [
      'null src/cart.rs:2',
    ]);
  });
});

describe('a message that imitates', () => {
  test('a panic has no thread ID, or a place that is not in the executable', () => {
    const fake = "thread 'main' panicked at src/other.rs:9:1:";
    assert.deepEqual(callsOf([HEADING, 'SECRET', fake, 'SECRET', NOTE], NONE), ['null src/cart.rs:2']);
    const withId = "thread 'main' (41) panicked at src/SECRET.rs:9:1:";
    assert.deepEqual(callsOf([HEADING, 'SECRET', withId, 'SECRET', NOTE]), ['null src/cart.rs:2']);
  });

  test('a backtrace is above the real one', () => {
    assert.deepEqual(callsOf([HEADING, 'SECRET', ...FAKE, ...STACK]), [
      'shop::total src/cart.rs:2',
      'shop::main null:null',
    ]);
  });

  test('a backtrace is left out if there is no real one, or nothing to compare it with', () => {
    assert.deepEqual(callsOf([HEADING, 'SECRET', ...FAKE, NOTE]), ['null src/cart.rs:2']);
    assert.deepEqual(callsOf([HEADING, 'SECRET', 'x', ...FAKE], NONE), ['null src/cart.rs:2']);
    assert.deepEqual(callsOf([HEADING, 'SECRET', ...FAKE]), ['null src/cart.rs:2']);
  });
});

test('the panic of a thread is the cause of the one that joined it', () => {
  const thread = "thread 'SECRET' (42) panicked at src/pay.rs:9:5:";
  const joined = 'called `Result::unwrap()` on an `Err` value: Any { .. }';
  const words = readRust([thread, 'SECRET', NOTE, '', HEADING, joined], PROGRAM);
  assert.equal(words?.thread, 'main');
  assert.equal(words?.pid, 41);
  assert.deepEqual(
    words?.causes.map(({ calls }) => calls.map(({ file, line }) => `${file}:${line}`)),
    [['src/pay.rs:9']],
  );
  const other = readRust([thread, 'SECRET', NOTE, '', HEADING, 'SECRET'], PROGRAM);
  assert.deepEqual(other?.causes, []);
});

test('names have neither hashes nor disambiguators of crates', () => {
  const stack = [
    'stack backtrace:',
    '   0:     0x55f7295b12ca - std[e28293b1aa0f68bd]::rt::lang_start_internal::{closure#0}',
    '  18:     0x55f729587a3a - shop::total::h2922125e09cbd12f',
  ];
  assert.deepEqual(callsOf([HEADING, 'x', ...stack]), [
    'std::rt::lang_start_internal::{closure#0} null:null',
    'null src/cart.rs:2',
    'shop::total null:null',
  ]);
});

test('an error of main names its type only if the executable has it', () => {
  assert.equal(readRust(['Error: CouponError { code: "SECRET" }'], PROGRAM)?.error.type, 'CouponError');
  assert.equal(readRust(['Error: SecretError { code: "SECRET" }'], PROGRAM), null);
  assert.equal(readRust(['Error: CouponError { code: "SECRET" }', 'x'], PROGRAM), null);
  assert.equal(readRust(['Error: CouponError { code: "SECRET" }'], NONE), null);
});

test('any lines are read to their end', () => {
  const line = fc.constantFrom(
    ...[HEADING, NOTE, ...STACK, ...FAKE, '', 'x', "thread 'a' panicked at 'b", "', src/c.rs:1:2"],
    ...[
      'memory allocation of 5 bytes failed',
      "thread 'main' has overflowed its stack",
      'Error: CouponError',
    ],
    ...[
      `thread '${"' panicked at ".repeat(90)}`,
      `${'('.repeat(900)}`,
      ' '.repeat(900),
      `   0: ${':1'.repeat(400)}`,
    ],
    'called `Result::unwrap()` on an `Err` value: Any { .. }',
    'panic in a destructor during cleanup',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), fc.boolean(), (lines, hasProgram) => {
      const words = readRust(lines, hasProgram ? PROGRAM : NONE);
      if (words === null) return;
      assert.ok(words.from >= 0 && words.from < words.to && words.to <= lines.length);
      if (hasProgram) assert.doesNotMatch(JSON.stringify(words), /SECRET/);
    }),
  );
});
