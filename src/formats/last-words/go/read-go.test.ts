import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Vouchers } from '../../../model/last-words.ts';
import { readGo } from './read-go.ts';

const FUNCTIONS = ['main.f', 'main.main', 'main.(*Cart).Total', 'runtime.gopanic', 'runtime/debug.Stack'];
const FILES = ['/srv/shop/main.go', '/usr/lib/go/src/runtime/panic.go'];
const NONE: Vouchers = { readSource: () => null, readClass: () => null, program: null };
const PROGRAM: Vouchers = {
  ...NONE,
  program: {
    hasFunction: (name) => FUNCTIONS.includes(name),
    hasFile: (file) => FILES.includes(file),
    hasType: (name) => name === 'main.Code',
  },
};
const STACK = ['main.f(...)', '\t/srv/shop/main.go:2', 'main.main()', '\t/srv/shop/main.go:3 +0x1d'];
const CRASHED = ['', 'goroutine 1 [running]:', ...STACK];
const FAKE = ['', 'goroutine 1 [running]:', 'main.SECRET(0x1)', '\t/srv/SECRET.go:4 +0x1d'];

const functionsOf = (lines: readonly string[], vouchers = PROGRAM) =>
  readGo(lines, vouchers)?.error.calls.map((call) => call.function) ?? null;
const typeOf = (panic: string) => readGo([`panic: ${panic}`, ...CRASHED], PROGRAM)?.error.type;

describe('the type of a panic', () => {
  test("is the runtime's own text without its values", () => {
    assert.equal(
      typeOf('runtime error: slice bounds out of range [:4111] with capacity 2'),
      'runtime error: slice bounds out of range',
    );
    assert.equal(typeOf('send on closed channel'), 'send on closed channel');
    assert.equal(
      typeOf('interface conversion: main.Cart is not main.Order: missing method Pay'),
      '*runtime.TypeAssertionError',
    );
  });

  test('is that of the executable, if the value has one that Go prints', () => {
    assert.equal(typeOf('main.Code(4111)'), 'main.Code');
    assert.equal(typeOf('(main.Code) 0xc000084000'), 'main.Code');
    assert.equal(typeOf('ada.example(4111)'), 'panic');
  });

  test("is none of the app's text", () => {
    for (const text of ['SECRET', 'send on closed channel: SECRET', 'assignment to entry in nil mapSECRET'])
      assert.equal(typeOf(text), 'panic');
    assert.equal(readGo(['fatal error: SECRET', ...CRASHED], PROGRAM)?.error.type, 'fatal error');
  });

  test('is not read from a message of several lines, which can imitate all of it', () => {
    const lines = ['panic: SECRET', '\tpanic: SECRET', 'x', 'panic: send on closed channel', ...CRASHED];
    const words = readGo(lines, PROGRAM);
    assert.deepEqual([words?.error.type, words?.causes], ['panic', []]);
  });
});

describe('a message that imitates a goroutine', () => {
  const lines = ['panic: SECRET', ...FAKE, ...CRASHED];

  test('is recognized by names that are not in the executable', () => {
    assert.deepEqual(functionsOf(lines), ['main.f', 'main.main']);
  });

  test('leaves no calls if there is no executable', () => {
    assert.deepEqual(functionsOf(lines, NONE), []);
    assert.deepEqual(functionsOf(['panic: SECRET', 'SECRET', ...FAKE], NONE), []);
  });

  test('with the stack of an earlier panic is not taken for one that was handled', () => {
    const earlier = [
      '',
      'goroutine 1 [running]:',
      'runtime/debug.Stack()',
      '\t/srv/shop/main.go:9',
      ...STACK,
    ];
    const words = readGo(['panic: SECRET', ...earlier, ...CRASHED], PROGRAM);
    assert.deepEqual([words?.handled, words?.error.calls[0]?.function], [false, 'main.f']);
  });
});

test('without an executable, calls are taken if nothing else can be meant', () => {
  const words = readGo(['panic: SECRET', ...CRASHED], NONE);
  assert.deepEqual(
    words?.error.calls.map((call) => [call.function, call.vouched]),
    [
      ['main.f', null],
      ['main.main', null],
    ],
  );
});

test('names end at the arguments, whatever brackets are before', () => {
  const lines = ['panic: x', '', 'goroutine 1 [running]:', 'main.(*Cart).Total({0xc000012020?, ...}, 0x1?)'];
  assert.deepEqual(functionsOf([...lines, '\t/srv/shop/main.go:6 +0x5']), ['main.(*Cart).Total']);
});

test('a panic that a deferred function repeats has the place of the first', () => {
  const again = ['main.f(...)', '\t/srv/shop/main.go:9'];
  const panic = ['panic({0x45c500, 0x47b888})', '\t/usr/lib/go/src/runtime/panic.go:884 +0x212'];
  const stack = ['', 'goroutine 1 [running, locked to thread]:', ...again, ...panic, ...STACK];
  const lines = (...reason: string[]) => [...reason, ...stack];
  const first = (...reason: string[]) => readGo(lines(...reason), PROGRAM)?.error.calls[0]?.line;
  assert.equal(first('panic: one [recovered]', '\tpanic: one'), 2);
  assert.equal(first('panic: one [recovered, repanicked]'), 2);
  assert.equal(first('panic: one [recovered]', '\tpanic: two'), 9);
});

test('a dump that was asked for is none', () => {
  assert.equal(readGo(['SIGQUIT: quit', 'PC=0x40268e m=0 sigcode=0', ...CRASHED], PROGRAM), null);
});

test('a signal from outside of Go names itself', () => {
  const lines = ['SIGABRT: abort', 'PC=0x40268e m=0 sigcode=0', ...CRASHED];
  const words = readGo(lines, PROGRAM);
  assert.deepEqual([words?.form, words?.error.type, words?.signal], ['signal', 'SIGABRT', 'SIGABRT']);
});

test('calls that Go left out are counted', () => {
  const lines = ['fatal error: stack overflow', ...CRASHED, '...23 frames elided...', ...STACK];
  const error = readGo(lines, PROGRAM)?.error;
  assert.deepEqual([error?.calls.length, error?.cut], [4, 23]);
});

test('any lines are read to their end', () => {
  const line = fc.constantFrom(
    ...['panic: x', '\tpanic: x', 'fatal error: stack overflow', '[signal SIGSEGV: x]', 'SIGABRT: abort'],
    ...['goroutine 1 [running]:', 'goroutine 99999999999999999999 [x]:', ...CRASHED, ...FAKE],
    ...[
      '...5 frames elided...',
      'created by main.main in goroutine 1',
      '(((',
      '\t:1',
      `panic: ${'('.repeat(900)}`,
    ],
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 80 }), fc.boolean(), (lines, hasProgram) => {
      const words = readGo(lines, hasProgram ? PROGRAM : NONE);
      if (words === null) return;
      assert.ok(words.from >= 0 && words.from < words.to && words.to <= lines.length);
      if (hasProgram) assert.doesNotMatch(JSON.stringify(words), /SECRET/);
    }),
  );
});
