import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { demangleCxxType } from './demangle-cxx-type.ts';

test('names of types as c++filt -t prints them', () => {
  const names: Record<string, string> = {
    N3app7MyErrorE: 'app::MyError',
    St12out_of_range: 'std::out_of_range',
    St13runtime_error: 'std::runtime_error',
    '7Failure': 'Failure',
    i: 'int',
    PKc: 'char const*',
    N3app4CartINS_5OrderEiEE: 'app::Cart<app::Order, int>',
    St6vectorIiSaIiEE: 'std::vector<int, std::allocator<int>>',
    N12_GLOBAL__N_15InnerE: '(anonymous namespace)::Inner',
    NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE:
      'std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char>>',
    N3app5ArrayILi4ELb1EEE: 'app::Array<4, true>',
  };
  for (const [mangled, name] of Object.entries(names)) assert.equal(demangleCxxType(mangled), name, mangled);
});

test('everything else is null, quickly', () => {
  for (const text of ['', 'N', 'NE', '3ab', 'S_', 'Z1fvE', '5a b c', `${'P'.repeat(40)}i`, 'N3appE3']) {
    assert.equal(demangleCxxType(text), null, text);
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'NSEI_tL0123abciP') }), (text) => {
      const name = demangleCxxType(text);
      assert.ok(name === null || name.length <= 1000);
    }),
  );
});
