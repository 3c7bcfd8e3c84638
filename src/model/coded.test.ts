import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codeToken, readCoded } from './coded.ts';

const coded = fc.record(
  {
    code: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
    count: fc.nat(9_999_999),
    shellSignal: fc.constantFrom('SIGSEGV', 'SIGRTMIN+3'),
    firstSignal: fc.constantFrom('SIGUSR1', 'SIGRTMIN'),
  },
  { requiredKeys: ['code'] },
);

test('a code comes back from its token and from its object', () => {
  fc.assert(
    fc.property(coded, (value) => {
      assert.deepEqual(readCoded(codeToken(value)), { ...value });
      assert.deepEqual(readCoded(JSON.parse(JSON.stringify(value))), { ...value });
    }),
  );
});

test('no text comes along', () => {
  const more = {
    count: 'alice',
    shellSignal: 'SIGALICE',
    firstSignal: 4111,
    name: 'alice',
    message: 'alice',
  };
  assert.deepEqual(readCoded({ code: 'abort', ...more }), { code: 'abort' });
  assert.deepEqual(readCoded('abort count=ALICE shellSignal=SIGALICE name=4111'), { code: 'abort' });
  for (const count of [-1, 1.5, 10_000_000, Number.NaN]) {
    assert.deepEqual(readCoded({ code: 'frames-cut', count }), { code: 'frames-cut' });
  }
  assert.deepEqual(readCoded('frames-cut count=41111111'), { code: 'frames-cut' });
  for (const value of [
    'abort alice',
    'abort name=alice',
    'Alice',
    'alice!',
    'a'.repeat(41),
    '',
    ' abort',
    { code: ['abort'] },
    [],
    1,
    null,
  ]) {
    assert.equal(readCoded(value), null, JSON.stringify(value));
  }
  fc.assert(
    fc.property(fc.anything(), (value) => /^[a-z0-9-]{1,40}$/.test(readCoded(value)?.code ?? 'none')),
  );
});
