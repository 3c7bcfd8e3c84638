import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash } from '../../test/support/signature/stacks.ts';
import { signatureOf } from './signature.ts';
import { valuesOfCapture } from './signature-values.ts';

const PAY = 'pay (src/cart.ts:1:1)\nmain (src/main.ts:1:1)';

test('a capture has the signature of what was printed, too', () => {
  const captured = crash({ exceptionType: 'CouponError', stack: PAY });
  const printed = crash({ exceptionType: 'Coupon', stack: PAY });
  assert.deepEqual(valuesOfCapture(captured, printed), [
    ...signatureOf(captured).values,
    ...signatureOf(printed).values,
  ]);
  assert.deepEqual(valuesOfCapture(captured, captured), signatureOf(captured).values);
  assert.deepEqual(valuesOfCapture(captured, null), signatureOf(captured).values);
});

test('words that say less about the place join nothing', () => {
  const captured = crash({ exceptionType: 'Error', stack: PAY });
  const less = [
    crash({ exceptionType: null, frames: [] }),
    crash({ exceptionType: 'Error', frames: [] }),
    crash({ exceptionType: 'Error', stack: '(src/cart.ts:1:1)' }),
    crash({ exceptionType: 'Error', stack: 'processTimers (node:internal/timers:1:1)' }),
  ];
  for (const printed of less) {
    assert.deepEqual(valuesOfCapture(captured, printed), signatureOf(captured).values);
  }
  const exit = crash({ exceptionType: null, frames: [] });
  assert.deepEqual(valuesOfCapture(exit, exit), signatureOf(exit).values);
  const typed = crash({ exceptionType: 'Text', frames: [] });
  assert.equal(valuesOfCapture(crash({ exceptionType: 'string', frames: [] }), typed).length, 2);
});
