import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readUnsubscribeToken, unsubscribeToken } from './unsubscribe-token.ts';

test('a token names app and address, and is valid only with its key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.emailAddress(), (app, address) => {
      const token = unsubscribeToken({ app, address }, 'key');
      assert.match(token, /^[\w-]+\.[\w-]{43}$/);
      assert.deepEqual(readUnsubscribeToken(token, 'key'), { app, address });
      assert.equal(readUnsubscribeToken(token, 'another key'), null);
    }),
  );
});

test('anything else is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      assert.equal(readUnsubscribeToken(text, 'key'), null);
    }),
  );
  const token = unsubscribeToken({ app: 'shop', address: 'ops@example.com' }, 'key');
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A';
    // The last digit holds bits that mean nothing.
    if (at === token.length - 1) continue;
    assert.equal(
      readUnsubscribeToken(token.slice(0, at) + other + token.slice(at + 1), 'key'),
      null,
      `${at}`,
    );
  }
});
