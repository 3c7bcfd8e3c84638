import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../test/support/processor-time.ts';
import { publicNativeFunction } from '../privacy/public-native.ts';
import { shortFunctionName } from './short-function-name.ts';

for (const [name, expected] of [
  ['main', 'main'],
  [
    'app::Cart<app::Order>::sum(std::vector<app::Order> const&, std::function<int (int)>) const',
    'app::Cart<app::Order>::sum',
  ],
  ['void app::run<int>(std::vector<int> const&)', 'app::run<int>'],
  ['std::map<int, int> app::all<int>(int)', 'app::all<int>'],
  ['main::{lambda(int)#1}::operator()(int) const', 'main::{lambda(int)#1}::operator()'],
  ['(anonymous namespace)::f(int)', '(anonymous namespace)::f'],
  [
    'v8::internal::(anonymous namespace)::Invoke(v8::internal::Isolate*)',
    'v8::internal::(anonymous namespace)::Invoke',
  ],
  ['app::operator<<(std::ostream&, app::A const&)', 'app::operator<<'],
  ['std::ostream& app::operator<< <int>(std::ostream&, int)', 'app::operator<< <int>'],
  ['app::A::operator unsigned long() const', 'app::A::operator unsigned long'],
  ['operator new(unsigned long)', 'operator new'],
  ['f(int) [clone .cold]', 'f'],
  ['f[abi:cxx11](int)', 'f'],
  ['f(int)::local::g()', 'f(int)::local::g'],
  ['non-virtual thunk to app::A::f()', 'non-virtual thunk to app::A::f'],
  ['<a::Item<u8, 3> as a::Priced>::price', '<a::Item<u8, 3> as a::Priced>::price'],
  ['<dyn core::any::Any>::is', '<dyn core::any::Any>::is'],
  ['shop::run::{{closure}}', 'shop::run::{{closure}}'],
] as const) {
  test(`${name} → ${expected}`, () => assert.equal(shortFunctionName(name), expected));
}

test('long template arguments are folded, and still a public name', () => {
  const deep = `std::_Rb_tree<${'std::pair<int const, std::vector<int, std::allocator<int> > >, '.repeat(5)}int>::find`;
  const folded = 'std::pair<…>, '.repeat(5);
  assert.equal(shortFunctionName(deep), `std::_Rb_tree<${folded}int>::find`);
  assert.equal(shortFunctionName(deep.replaceAll('pair', 'a_pair_of_a_long_name')), 'std::_Rb_tree<…>::find');
  assert.equal(publicNativeFunction('std::_Rb_tree<…>::find'), 'std::_Rb_tree<…>::find');
});

test('any text is fine', () => {
  const unit = fc.constantFrom('(', ')', '<', '>', ' ', 'operator', '::', 'a', '[abi:x]', ' const', '-', '…');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 400 }), (parts) => void shortFunctionName(parts.join(''))),
  );
  const usedMs = processorMs(() => {
    for (const part of ['(', 'operator', '<a', ' const', '[abi:a]']) shortFunctionName(part.repeat(20_000));
  });
  assert.ok(usedMs < 2000);
});
