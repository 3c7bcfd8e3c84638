import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { demangle } from './demangle.ts';

// Expected names are those of binutils' c++filt, without the hashes of crates and the types of constants.
for (const [symbol, name] of [
  ['_RNvCs6xxl1lAjzDf_1a4main', 'a::main'],
  ['_RNCNvCs6xxl1lAjzDf_1a4main0B3_', 'a::main::{closure#0}'],
  [
    '_RNvXNtCs6xxl1lAjzDf_1a4cartINtB2_4ItemhKj3_ENtB2_6Priced5priceB4_',
    '<a::cart::Item<u8, 3> as a::cart::Priced>::price',
  ],
  [
    '_RINvNtCs6xxl1lAjzDf_1a4cartu9gre_6ka8iINtB2_4ItemThReEKj2_EEB4_',
    'a::cart::größe::<a::cart::Item<(u8, &str), 2>>',
  ],
  [
    '_RINvCs6xxl1lAjzDf_1a5applyDG_INtNtNtCsgEmfK2I1SDS_4core3ops8function2FnTRL0_DNtNtB2_4cart6PricedEL0_EEp6OutputlEL_EB2_',
    "a::apply::<dyn for<'a> core::ops::function::Fn<(&'a dyn a::cart::Priced + 'a,), Output = i32>>",
  ],
  [
    '_RINvNtNtCsjrHSEGnQ3l9_3std3sys9backtrace28___rust_begin_short_backtraceFEuuECs6xxl1lAjzDf_1a',
    'std::sys::backtrace::__rust_begin_short_backtrace::<fn(), ()>',
  ],
  ['_RNvCs6xxl1lAjzDf_1a4main.llvm.123', 'a::main'],
  ['core::panicking::panic::h0123456789abcdef', 'core::panicking::panic'],
  ['_ZN4shop4main17h0123456789abcdefE', 'shop::main'],
  [
    '_ZN52_$LT$shop..Cart$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE',
    '<shop::Cart as core::ops::drop::Drop>::drop',
  ],
  ['_$LT$shop..Cart$u20$as$u20$core..Drop$GT$::drop::h0123456789abcdef', '<shop::Cart as core::Drop>::drop'],
  ['app::Cart<int>::sum(int) const', 'app::Cart<int>::sum(int) const'],
  ['_ZN3app3runEv', '_ZN3app3runEv'],
  ['_RNvC', '_RNvC'],
  ['_Read', '_Read'],
  ['??', null],
] as const) {
  test(symbol, () => {
    assert.equal(demangle(symbol), name);
  });
}

test('any text is fine, long and hostile too', () => {
  const unit = fc.constantFrom(...'NvMXYICBs_EKLTRQAFDpGUu0123459abzh'.split(''), '4main', '1a');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 120 }), (parts) => {
      const name = demangle(`_R${parts.join('')}`);
      assert.ok(name !== null && name.length <= 16 * 1024);
    }),
    { numRuns: 2000 },
  );
  const started = performance.now();
  // Tuples of references back to tuples double with every level.
  for (const part of ['TB_', 'NvC1aB_', 'R', 'INvC1a1b', 'TB3_B3_', 'DG9_', 'u500_', '$u20$', '..', '1a']) {
    demangle(`_RINvC1a1b${part.repeat(3_000)}`.slice(0, 15_000));
    demangle(`_ZN${part.repeat(3_000)}::h0123456789abcdef`);
  }
  assert.ok(performance.now() - started < 2_000);
});
