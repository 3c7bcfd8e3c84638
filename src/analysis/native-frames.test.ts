import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeFrame } from '../model/native-stack.ts';
import { mergeJavaScript } from './merge-javascript.ts';
import { toFrames } from './native-frames.ts';

const frame: NativeFrame = {
  address: 0x555555555506n,
  isReturnAddress: true,
  function: 'app::Cart::sum(int) const',
  rawSymbol: 'app::Cart::sum(int) const',
  file: '/srv/shop/src/cart.cpp',
  line: 12,
  column: 3,
  module: '/srv/shop/bin/server',
  moduleOffset: 0x1506n,
  buildId: 'f4739d8c',
  inlined: false,
  trust: 'cfi',
};
const program = { executable: '/srv/shop/bin/server', appRoot: '/srv/shop' };
const originOf = (fields: Partial<NativeFrame>, where = program) => {
  const [made] = toFrames([{ ...frame, ...fields }], where);
  return [made?.module, made?.inApp];
};

test('a frame of machine code in a report', () => {
  assert.deepEqual(toFrames([frame], program), [
    {
      function: 'app::Cart::sum',
      file: '/srv/shop/src/cart.cpp',
      line: 12,
      column: 3,
      module: null,
      inApp: true,
      repeat: 1,
      trust: 'cfi',
      native: { image: '/srv/shop/bin/server', offset: '0x1505', buildId: 'f4739d8c', inlined: false },
    },
  ]);
});

test('whose code it is', () => {
  assert.deepEqual(originOf({ module: '/lib/libc.so.6' }), ['libc.so.6', false]);
  assert.deepEqual(originOf({ module: '/srv/shop/build/addon.node' }), [null, true]);
  assert.deepEqual(originOf({ module: '/srv/shop/node_modules/sharp/build/sharp.node' }), ['sharp', false]);
  assert.deepEqual(originOf({ module: '/usr/bin/node' }, { executable: '/usr/bin/node', appRoot: '' }), [
    'node',
    false,
  ]);
  assert.deepEqual(originOf({ module: '/usr/sbin/nginx' }, { executable: '/usr/sbin/nginx', appRoot: '' }), [
    null,
    true,
  ]);
  assert.deepEqual(originOf({ module: null }), ['unknown', false]);
  assert.deepEqual(originOf({ function: 'std::vector<int>::at(unsigned long)' }), ['std', false]);
  assert.deepEqual(originOf({ function: '<alloc::vec::Vec<T> as core::ops::Drop>::drop' }), ['std', false]);
  assert.deepEqual(originOf({ file: '/home/a/.cargo/registry/src/index-1/serde_json-1.0.1/src/de.rs' }), [
    'serde_json',
    false,
  ]);
  assert.deepEqual(originOf({ function: '_start' }), ['libc', false]);
});

test('stripped frames are distinguished by their offsets, a recursion folds', () => {
  const stripped = { ...frame, function: null, rawSymbol: null, file: null, line: null, column: null };
  const other = { ...stripped, moduleOffset: 0x1600n };
  const repeats = toFrames([stripped, stripped, stripped, other], program).map(({ repeat }) => repeat);
  assert.deepEqual(repeats, [3, 1]);
});

test('calls of JavaScript take the places of their machine code, stale ones none', () => {
  const code = (address: bigint) => ({ ...frame, address, function: null, module: null });
  const call = (address: bigint, name: string) => ({ address, function: name, script: '/a.js', position: 1 });
  const calls = [call(1n, 'stale'), call(20n, 'inner'), call(9n, 'stale'), call(20n, 'outer')];
  const merged = mergeJavaScript([frame, code(10n), code(20n), code(20n), code(30n), frame], calls);
  assert.deepEqual(
    merged.map((each) => each.function),
    [frame.function, 'inner', 'outer', frame.function],
  );
  assert.deepEqual(mergeJavaScript([frame, code(10n)], []).length, 2);
});

test('calls of functions that V8 deoptimized meanwhile have frames without names in the file of Node', () => {
  const builtin = (address: bigint, name: string | null) => ({
    ...{ ...frame, address, function: name, module: '/usr/bin/node' },
  });
  const call = (address: bigint, name: string) => ({ address, function: name, script: '/a.js', position: 1 });
  const stripped = { ...frame, function: null };
  const frames = [
    ...[stripped, builtin(1n, 'Builtins_InterpreterEntryTrampoline'), builtin(2n, null), builtin(3n, null)],
    ...[builtin(2n, null), builtin(1n, 'Builtins_InterpreterEntryTrampoline')],
  ];
  const calls = [call(1n, 'resizeOne'), call(2n, 'resizeAll'), call(2n, 'handleRequest'), call(1n, 'emit')];
  assert.deepEqual(
    mergeJavaScript(frames, calls).map((each) => each.function),
    [null, 'resizeOne', 'resizeAll', 'handleRequest', 'emit'],
  );
});
