import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { parseSmtpUrl } from './smtp-server.ts';

describe('the address of a mail server', () => {
  test('says how to speak to it', () => {
    const { auth, ...server } = parseSmtpUrl('smtp://mona:p%40ss@mail.example.com');
    assert.deepEqual(server, {
      host: 'mail.example.com',
      port: 587,
      secure: false,
      starttls: 'required',
      verify: true,
    });
    assert.deepEqual([auth?.user, auth?.password()], ['mona', 'p@ss']);
  });

  const cases: readonly (readonly [string, number, string])[] = [
    ['smtp://mail.example.com', 587, 'offered'],
    ['smtp://mail.example.com:2525', 2525, 'offered'],
    ['smtp://mail.example.com?starttls=require', 587, 'required'],
    ['smtp://mona:x@mail.example.com/?starttls=never', 587, 'never'],
    ['smtp://localhost', 25, 'offered'],
    ['smtp://mona:x@127.0.0.1:2525', 2525, 'offered'],
    ['smtp://[::1]:26', 26, 'offered'],
    ['smtps://mona:x@mail.example.com', 465, 'required'],
    ['smtp://mail.example.com?verify=no', 587, 'offered'],
  ];
  for (const [url, port, starttls] of cases) {
    test(url, () => {
      const server = parseSmtpUrl(url);
      assert.deepEqual([server.port, server.starttls], [port, starttls]);
    });
  }

  test('takes the password from elsewhere', () => {
    const { auth, starttls } = parseSmtpUrl('smtp://mail.example.com', { user: 'mona', password: 'secret' });
    assert.deepEqual([auth?.user, auth?.password(), starttls], ['mona', 'secret', 'required']);
  });

  const bad = [
    '',
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://:hunter2@mail.example.com',
    'smtp://mona:hunter2%@mail.example.com',
    'smtp://mona:hunter2@mail.example.com/inbox',
    'smtp://mona:hunter2@mail.example.com?starttls=maybe',
    'smtps://mona:hunter2@mail.example.com?starttls=require',
    'smtp://mona:hunter2@mail.example.com?verify=yes',
    'smtp://mona:hunter2@mail.example.com?pool=1',
    'smtp://mona:hunter2@mail.example.com:99999',
    'smtp://mona:hunter2@ma il',
  ];
  for (const url of bad) {
    test(`is refused: ${url}`, () => {
      assert.throws(
        () => parseSmtpUrl(url),
        (error) =>
          error instanceof CrashmonError &&
          error.code === 'BAD_OPTION' &&
          !inspect(error).includes('hunter2'),
      );
    });
  }

  test('is understood or refused, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `smtp://${text}`),
          fc.webUrl(),
        ),
        (text) => {
          try {
            return parseSmtpUrl(text).host !== '';
          } catch (error) {
            return error instanceof CrashmonError;
          }
        },
      ),
    );
  });
});
