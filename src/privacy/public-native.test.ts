import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorMs } from '../../test/support/processor-time.ts';
import { publicImage, publicNativeFunction, publicNativeSource } from './public-native.ts';

test('the names that demanglers make pass', () => {
  for (const name of [
    'main',
    '_start',
    '__libc_start_main_impl',
    'memcpy@plt',
    'work.constprop.0.isra.1',
    'app::Cart<app::Order>::sum',
    'app::Cart<app::Order>::sum(std::vector<app::Order, std::allocator<app::Order> > const&) const',
    'std::_Function_handler<int (app::Order const&), mid(char const*, int)::{lambda(app::Order const&)#1}>::_M_invoke',
    'main::{lambda()#1}::operator()',
    '(anonymous namespace)::f',
    'app::operator<<',
    'app::operator<< <int>',
    'app::A::operator[]',
    'app::A::operator->*',
    'app::A::operator bool',
    'operator new',
    'std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::~basic_string',
    'std::array<unsigned long, 16ul>::at',
    'call<&Foo::bar, -1>',
    'f<int (*)(char), void (A::*)(int) const>',
    'std::runtime_error::what[abi:cxx11]',
    'non-virtual thunk to app::A::f',
    'f [clone .cold]',
    '<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop',
    'core::ptr::drop_in_place<[alloc::string::String; 4]>',
    'shop::main::{closure#0}',
    'shop::run::{{closure}}',
    '<dyn core::any::Any + core::marker::Send>::downcast',
    '<fn(&mut u8) -> i32 as core::ops::FnOnce<(&mut u8,)>>::call_once',
    "a::apply::<dyn for<'a> core::ops::Fn<(&'a dyn a::cart::Priced + 'a,), Output = i32>>",
    'alloc::RawVec<(*mut u8, unsafe extern "C" fn(*mut u8)), std::alloc::System>::grow_one',
    'std::map<…>::at',
    'core::panicking::panic_const::{impl#3}::fmt',
  ]) {
    assert.equal(publicNativeFunction(name), name);
  }
});

test('what is no name does not', () => {
  for (const name of [
    '',
    'alice smith',
    'alice@example.com and bob',
    'f (x=4111)',
    'f<alice smith>',
    '"alice"',
    'f(n=4111111111111111)',
    '4111111111111111',
    '4111111111',
    '0x7ffd5a1b2c30',
    'a0007ffd5a1b2c30',
    'f<',
    'f)',
    'x'.repeat(501),
    'a\nb',
  ]) {
    assert.equal(publicNativeFunction(name), null, name);
  }
});

test('a long hostile name takes no time', () => {
  const usedMs = processorMs(() => {
    for (const part of ['a::', '<a', '(', 'operator', 'unsigned ', '-', '1', "'lambda"]) {
      publicNativeFunction(part.repeat(200).slice(0, 500));
    }
  });
  assert.ok(usedMs < 1000);
});

const root = '/home/alice/shop';

test('source files lose what people are called', () => {
  for (const [file, expected] of [
    ['/home/alice/shop/src/cart.cpp', 'src/cart.cpp'],
    ['/home/alice/lib/cart.cc', '…/cart.cc'],
    ['../sysdeps/nptl/libc_start_call_main.h', '…/libc_start_call_main.h'],
    [`/rustc/${'59807616e1'.repeat(4)}/library/core/src/panicking.rs`, 'library/core/src/panicking.rs'],
    [
      '/home/alice/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.219/src/de.rs',
      'serde-1.0.219/src/de.rs',
    ],
    ['/home/alice', '…'],
    ['/home/alice/x.js', '…/x.js'],
  ] as const) {
    assert.equal(publicNativeSource(file, root), expected);
  }
});

test('images are recognized as files by their names', () => {
  for (const [image, expected] of [
    ['/lib/x86_64-linux-gnu/libstdc++.so.6', 'libstdc++.so.6'],
    ['/home/alice/shop/build/addon.node', 'build/addon.node'],
    ['/home/alice/shop/bin/server', 'bin/server'],
    ['/home/alice/bin/server (deleted)', 'server'],
    ['[vdso]', '[vdso]'],
    ['/memfd:alice smith (deleted)', null],
    ['/memfd:x/alice (deleted)', null],
    ['/dev/shm/alice', null],
    ['[anon:x/alice', null],
    ['0x7ffd5a1b2c30', null],
  ] as const) {
    assert.equal(publicImage(image, root), expected);
  }
});
