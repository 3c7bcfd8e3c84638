import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBundled, stableFile } from './file-name.ts';
import { imageName, machineFunction } from './machine-name.ts';
import { scriptFunction, typeName } from './script-name.ts';

test('functions of JavaScript', () => {
  for (const [name, stable] of Object.entries({
    'Cart.total': 'Cart.total',
    'async Cart.total': 'Cart.total',
    'Cart.#load [as load]': 'Cart.#load',
    'Object.load': 'load',
    'exports.load': 'load',
    'Object.<anonymous>': null,
    '<anonymous>': null,
    anonymous: null,
    'Timeout.<anonymous> [as _onTimeout]': '_onTimeout',
    'Timeout._onTimeout': 'Timeout._onTimeout',
    'async Promise.all (index 2)': 'Promise.all',
    'new Cart': 'new Cart',
    'async new Cart': 'new Cart',
    'get Cart.sum': 'Cart.sum',
    'bound run': 'run',
    'e.t': null,
    'e.total': 'total',
    _0x3fa2b1: null,
    t12: null,
    render$1: 'render',
    'Server.listen [as _listen2]': 'Server.listen',
    __webpack_require__: null,
    '': null,
  })) {
    assert.equal(scriptFunction(name, false), stable, name);
  }
  assert.equal(scriptFunction('render2', true), 'render');
  assert.equal(scriptFunction('step2', false), 'step2');
  assert.equal(scriptFunction(null, false), null);
  assert.deepEqual(['TypeError', 'mongo.MongoServerError', 'e', 'aB'].map(typeName), [
    'TypeError',
    'mongo.MongoServerError',
    null,
    null,
  ]);
});

test('functions of machine code', () => {
  for (const [name, stable] of Object.entries({
    'app::run<int>(std::vector<int> const&) [clone .cold]': 'app::run',
    'void app::run<int>(int)': 'app::run',
    'app::Table::find(int) const': 'app::Table::find',
    'std::vector<int, std::allocator<int> >::at': 'std::vector::at',
    'work.constprop.0': 'work',
    'work.part.3.isra.0': 'work',
    'parse.cold': 'parse',
    'counter.1234': 'counter',
    'memcpy@plt': 'memcpy',
    'pthread_create@@GLIBC_2.34': 'pthread_create',
    __memmove_avx_unaligned_erms: 'memcpy',
    __strlen_avx2: 'strlen',
    'main::{lambda(int)#1}::operator()(int) const': 'main::{lambda}',
    "main::'lambda'(int)::operator()(int) const": 'main::{lambda}',
    'main::$_0::operator()(int) const': 'main::{lambda}',
    'app::load::{closure#0}': 'app::load::{closure}',
    'app::load::{{closure}}::{{closure}}': 'app::load::{closure}',
    'app::run::h0123456789abcdef': 'app::run',
    '<alloc::vec::Vec<T> as core::ops::Drop>::drop': '<alloc::vec::Vec as core::ops::Drop>::drop',
    'core::ptr::drop_in_place<app::Foo<i32>>': 'core::ptr::drop_in_place',
    'app::parse::<i32>': 'app::parse',
    'core::slice::<impl [T]>::copy_from_slice': 'core::slice::<impl [T]>::copy_from_slice',
    '(anonymous namespace)::parse(char const*)': '(anonymous namespace)::parse',
    'app::operator<<(std::ostream&, app::Cart const&)': 'app::operator<<',
    'app::Cart::operator()(int)': 'app::Cart::operator()',
    'std::ostream::operator<< <int>': 'std::ostream::operator<<',
    'app::name[abi:cxx11]() const': 'app::name',
    'non-virtual thunk to app::Cart::sum()': 'app::Cart::sum',
    'main.(*Server).handle.func1.2': 'main.(*Server).handle.func',
    '': null,
  })) {
    assert.equal(machineFunction(name), stable, name);
  }
});

test('files', () => {
  for (const [file, stable] of Object.entries({
    'src/cart.ts': 'src/cart.ts',
    'src/[id]/page.tsx': 'src/[id]/page.tsx',
    'dist/main.3f2a1b.js': 'dist/main.js',
    'dist/main.min.js': 'dist/main.js',
    'dist/chunk-ABC123.mjs': 'dist/chunk.mjs',
    'dist/chunk-QWERTYUI.mjs': 'dist/chunk.mjs',
    'assets/index-BxY12_z9.js': 'assets/index.js',
    'assets/index-D0-aaQ3k.js': 'assets/index.js',
    'build/123.js': 'build/*.js',
    'build/123.0af3b9c1.js': 'build/*.js',
    'js/jquery-3.7.1.min.js': 'js/jquery.js',
    'releases/20240101120000/src/a.ts': 'releases/*/src/a.ts',
    'opt/app-1.2.3/src/a.ts': 'opt/app/src/a.ts',
    'v1.2.3/src/a.ts': '*/src/a.ts',
    'node_modules/.pnpm/x@1.2.3/node_modules/x/lib/y.js': 'x/lib/y.js',
    '_next/static/dJ3k9_sLq0Zx8YwB2vN5t/pages/a.js': '_next/static/*/pages/a.js',
    'serde-1.0.130/src/de.rs': 'serde/src/de.rs',
    'src/user-settings.ts': 'src/user-settings.ts',
    'src/facade.ts': 'src/facade.ts',
    'src/sha256.ts': 'src/sha256.ts',
    '…/server.js': '…/server.js',
    'a.js?v=12': 'a.js',
    '': '',
  })) {
    assert.equal(stableFile(file), stable, file);
  }
  assert.deepEqual(['dist/main.3f2a1b.js', 'src/cart.ts'].map(isBundled), [true, false]);
});

test('images', () => {
  for (const [image, stable] of Object.entries({
    'libfoo.so.1.2.3': 'libfoo.so',
    'libc-2.31.so': 'libc.so',
    'libjpeg-3f2a1b4c.so.62.3.0': 'libjpeg.so',
    'bin/server': 'server',
    'server (deleted)': 'server',
    'build/Release/prices.node': 'prices.node',
    'app-0123456789abcdef': 'app',
    '[vdso]': '[vdso]',
  })) {
    assert.equal(imageName(image), stable, image);
  }
});
