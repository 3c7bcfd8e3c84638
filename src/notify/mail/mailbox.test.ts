import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { parseMailbox } from './mailbox.ts';

describe('a mail address', () => {
  test('with and without a name', () => {
    assert.deepEqual(parseMailbox(' ops@example.com '), { name: null, address: 'ops@example.com' });
    assert.deepEqual(parseMailbox('Die Bereitschaft <ops+crash@bücher.example>'), {
      name: 'Die Bereitschaft',
      address: 'ops+crash@xn--bcher-kva.example',
    });
    assert.deepEqual(parseMailbox('root@localhost').address, 'root@localhost');
  });

  const bad = [
    '',
    'ops',
    '@example.com',
    'ops@',
    'ops@example..com',
    'ops@-example.com',
    'o ps@example.com',
    'ops@example.com, dev@example.com',
    'a@b@example.com',
    '"a b"@example.com',
    'Ops <ops@example.com',
    'Ops <ops@example.com> <dev@example.com>',
    'ops@example.com\r\nBcc: all@example.com',
    'O\nps <ops@example.com>',
    '.ops@example.com',
    `${'a'.repeat(65)}@example.com`,
  ];
  for (const text of bad) {
    test(`is refused: ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseMailbox(text), { code: 'BAD_OPTION' });
    });
  }

  test('never holds what could end a line or begin another address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress()), (text) => {
        try {
          const { name, address } = parseMailbox(text);
          return /^[^\s<>,;:"\\()]+@[^\s<>,;:"\\()@]+$/.test(address) && !/[\p{C}<>"]/u.test(name ?? '');
        } catch (error) {
          return error instanceof CrashmonError;
        }
      }),
    );
  });
});
