import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { demangle, demangleType } from './demangle.ts';
import type { ToolLimits } from './run-tool.ts';

const LIMITS: ToolLimits = {
  timeoutMs: 60_000,
  memoryBytes: 2 ** 31,
  outputBytes: 8 * 1024 * 1024,
  signal: undefined,
};

test('functions of C++ and of both schemes of Rust, in one run', async () => {
  const names = {
    _RNvCs6xxl1lAjzDf_1a4main: 'a::main',
    _RNvXNtCs6xxl1lAjzDf_1a4cartINtB2_4ItemhKj3_ENtB2_6Priced5priceB4_:
      '<a::cart::Item<u8, 3> as a::cart::Priced>::price',
    _ZN4shop4main17h0123456789abcdefE: 'shop::main',
    '_ZN52_$LT$shop..Cart$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE':
      '<shop::Cart as core::ops::drop::Drop>::drop',
    _ZNK3app4CartIiE3sumEi: 'app::Cart<int>::sum(int) const',
  };
  const unreadable = [
    '_RNvC',
    '_Read',
    'main',
    '??',
    '',
    null,
    `_ZN${'3app'.repeat(5_000)}E`,
    '_Z\n_ZN3app3runEv',
  ];
  const found = await demangle([...unreadable, ...Object.keys(names)], LIMITS);
  assert.deepEqual(Object.fromEntries(found), names);
});

test('more symbols than fit into the arguments of a program', async () => {
  const symbols = Array.from({ length: 300 }, (_, index) => `_ZN3app3${'runs'.repeat(400)}${index}Ev`);
  assert.equal((await demangle(symbols, LIMITS)).size, 0);
  const short = Array.from({ length: 300 }, (_, index) => `_ZN3app7run_${String(index).padStart(3, '0')}Ev`);
  assert.equal((await demangle(short, LIMITS)).get('_ZN3app7run_299Ev'), 'app::run_299()');
});

test('types', async () => {
  assert.equal(await demangleType('N3app7MyErrorE', LIMITS), 'app::MyError');
  assert.equal(await demangleType('St13runtime_error', LIMITS), 'std::runtime_error');
  assert.equal(await demangleType('PKc', LIMITS), 'char const*');
  for (const text of ['', 'N', '3ab', 'a b', '-t', 'N3appE3']) {
    assert.equal(await demangleType(text, LIMITS), null, text);
  }
});

test('any symbol leaves the names of the others alone', async () => {
  const unit = fc.constantFrom(...'NvMXYICBs_EKLTRQAFDpGUu0123459abzh'.split(''), '4main', '1a');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit, maxLength: 80 }), { maxLength: 20 }), async (parts) => {
      const symbols = parts.flatMap((part) => [`_R${part}`, `_Z${part}`]);
      const found = await demangle([...symbols, '_ZN3app3runEv'], LIMITS);
      assert.equal(found.get('_ZN3app3runEv'), 'app::run()');
      for (const [symbol, name] of found) assert.ok(symbols.includes(symbol) || name === 'app::run()');
    }),
    { numRuns: 20 },
  );
});
