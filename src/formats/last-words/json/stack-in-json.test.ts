import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stackInJson } from './stack-in-json.ts';

/** Lines that begin like a call. */
const callsIn = (text: string) =>
  stackInJson(text, ({ lines, type, linesAfter }) => {
    const calls = lines.filter((line) => line.startsWith('at '));
    return calls.length > 0 ? { calls, type, linesAfter } : null;
  });
const line = (value: unknown) => `${JSON.stringify(value)}\n`;

test('the lowest line with a stack counts, as a text or as an array', () => {
  const text = `${line({ stack: 'at a' })}log\n${line({ err: { name: 'E', stack: 'E\nat b' } })}log\n`;
  assert.deepEqual(callsIn(text), { calls: ['at b'], type: 'E', linesAfter: 1 });
  assert.deepEqual(callsIn(line({ trace: ['at c', 'at d'] })), {
    calls: ['at c', 'at d'],
    type: null,
    linesAfter: 0,
  });
});

test('a text that is refused does not hide another one', () => {
  assert.deepEqual(callsIn(line({ message: 'x', err: { stack: 'at a' } }))?.calls, ['at a']);
});

test('lines that are no JSON, too long, or too far up have none', () => {
  const stack = line({ stack: 'at a' });
  for (const text of ['', '\n', stack.slice(0, -3), `x${stack}`, `${stack}${'log\n'.repeat(20)}`])
    assert.equal(callsIn(text), null, text.slice(0, 40));
  assert.equal(callsIn(line({ stack: `at a${'x'.repeat(64 * 1024)}` })), null);
});

test('neither depth nor number is without an end', () => {
  const deep = `${'{"a":'.repeat(5_000)}"at a"${'}'.repeat(5_000)}`;
  assert.equal(callsIn(deep), null);
  const many = {
    ...Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`k${at}`, at])),
    stack: 'at a',
  };
  assert.equal(callsIn(line(many)), null);
});

test('any text is read to its end', () => {
  const values = fc.array(
    fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => line({ value })),
    ),
    { maxLength: 30 },
  );
  fc.assert(fc.property(values, (texts) => void callsIn(texts.join(''))));
});
