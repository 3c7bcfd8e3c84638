import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddr2line } from './addr2line.ts';

const PRINTED = `0x0000000000014343
_RNCNvXs_NtCs1_3app4cartNtB5_4ItemNtB5_6Priced5price0B7_
/srv/shop/src/cart.rs:19
_RNvXs_NtCs1_3app4cartNtB4_4ItemNtB4_6Priced5price
/srv/shop/src/cart.rs:20 (discriminator 2)
0x0000000000014000
??
??:0
0x0000000000014010
main
/srv/shop/src/main.rs:?
`;

test('functions at each address, innermost first', () => {
  assert.deepEqual(
    [...parseAddr2line(PRINTED)].map(([address, names]) => [address, names.map(({ line }) => line)]),
    [
      [0x14343n, [19, 20]],
      [0x14000n, [null]],
      [0x14010n, [null]],
    ],
  );
  assert.deepEqual(parseAddr2line(PRINTED).get(0x14000n), [{ symbol: null, file: null, line: null }]);
  assert.equal(parseAddr2line(PRINTED).get(0x14010n)?.[0]?.file, '/srv/shop/src/main.rs');
});

test('any text is fine, and bounded', () => {
  const line = fc.oneof(fc.constantFrom(...PRINTED.split('\n')), fc.string({ maxLength: 60 }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 200 }), (lines) => {
      for (const names of parseAddr2line(lines.join('\n')).values()) assert.ok(names.length <= 64);
    }),
  );
});
