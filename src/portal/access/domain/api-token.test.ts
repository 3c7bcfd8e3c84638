import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { givenApiToken, newApiToken, parseApiToken } from './api-token.ts';

/** As secret scanners are given it in docs/portal.md. */
const SCANNED = /\bcmr_[0-9A-Za-z]{57}\b/;

describe('a token', () => {
  test('has a shape that scanners find, an ID and a checksum', () => {
    const [one, other] = [newApiToken(), newApiToken()];
    assert.notEqual(one.token, other.token);
    assert.match(`key=${one.token}.`, SCANNED);
    assert.ok(one.token.startsWith(`cmr_${one.id}`));
    assert.deepEqual(parseApiToken(one.token), { id: one.id, secretHash: one.secretHash });
  });

  test('the checksum stays the same over all versions', () => {
    assert.deepEqual(parseApiToken(`cmr_${'0'.repeat(51)}48pWmv`)?.id, '00000000');
  });

  test('with one letter changed, in another case, longer or shorter, it is none', () => {
    const { token } = newApiToken();
    for (let at = 4; at < token.length; at++) {
      const letter = token[at] === 'x' ? 'y' : 'x';
      assert.equal(parseApiToken(token.slice(0, at) + letter + token.slice(at + 1)), null, `${at}`);
    }
    for (const text of [
      ...[token.toUpperCase(), token.toLowerCase(), token.slice(1), token.slice(0, -1), `${token}0`],
      ...[` ${token}`, `${token}\n`, `cmt_${token.slice(4)}`, '', 'cmr_', `cmr_${'x'.repeat(1_000_000)}`],
    ])
      assert.equal(parseApiToken(text), null, text.slice(0, 80));
  });
});

describe('what a request brings along', () => {
  const { token, id } = newApiToken();

  test('is read from the header, whose scheme has no case', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER  '])
      assert.equal(givenApiToken(`${scheme} ${token}`, '/api/v1/apps')?.token?.id, id, scheme);
  });

  test('is refused, not ignored, if it looks like a token', () => {
    for (const header of [
      'Bearer cmr_',
      `Bearer ${token}x`,
      `Bearer ${token} ${token}`,
      `bearer cmr_${'\u00e9'.repeat(9)}`,
    ])
      assert.deepEqual(givenApiToken(header, '/'), { where: 'header', token: null }, header);
  });

  test('is recognized in an address', () => {
    for (const url of [`/api/v1/apps?access_token=${token}`, `/metrics?${token}`, `/api/v1/apps/${token}`])
      assert.equal(givenApiToken(undefined, url)?.where, 'address', url);
    assert.deepEqual(givenApiToken(`Bearer ${token}`, `/?t=${token.slice(0, -3)}`), {
      where: 'address',
      token: null,
    });
  });

  test('other credentials are those of others', () => {
    for (const header of [undefined, '', 'Bearer', 'Basic cmr_x', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x', token])
      assert.equal(givenApiToken(header, '/api/v1/apps?app=cmr_shop'), null, header);
  });
});
