import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicCxxType } from './public-cxx-type.ts';

test('types of C++ exceptions pass', () => {
  for (const [type, mangled] of [
    ['app::MyError', 'N3app7MyErrorE'],
    ['MyError', '7MyError'],
    ['std::out_of_range', 'St12out_of_range'],
    ['int', 'i'],
    ['char const*', 'PKc'],
    ['app::E const*', 'PKN3app1EE'],
    ['app::Failure<int, app::Order>', 'N3app7FailureIiNS_5OrderEEE'],
    ['boost::wrapexcept<std::bad_alloc>', 'N5boost10wrapexceptISt9bad_allocEE'],
    ['(anonymous namespace)::Hidden', 'N12_GLOBAL__N_16HiddenE'],
    ['main::{lambda()#1}', 'Z4mainEUlvE_'],
    ['std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >', 'Ss'],
    ['app::Failure<int (*)(char)>', 'N3app7FailureIPFicEEE'],
  ] as const) {
    assert.equal(publicCxxType(type, mangled), type);
    assert.equal(publicCxxType(type, null), type);
  }
});

test('what is no type does not', () => {
  for (const type of [
    '',
    '*',
    'alice smith',
    'no such user: alice',
    'f(int)',
    'app::f(alice)',
    'memcpy@plt',
    'vtable for app::E',
    'app::operator<<',
    '4111111111',
    '0x7ffd12345678',
    'a\nb',
    `${'x'.repeat(501)}`,
  ]) {
    assert.equal(publicCxxType(type, null), null, type);
  }
});

test('a type whose mangled name is none was no type', () => {
  for (const mangled of [
    '',
    'hunter2',
    '9alice',
    'N3app',
    '12',
    'alice smith',
    '3 app',
    'Nå E',
    'x'.repeat(5000),
  ]) {
    assert.equal(publicCxxType('alice', mangled), null, mangled);
  }
});
