import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CURRENT_COST, hashPassword, isOutdated, NO_PASSWORD, verifyPassword } from './password-hash.ts';

const PASSWORD = 'a lamp beside four herons';

test('a hash says how it was made, differs each time, and fits its password alone', async () => {
  const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, other);
  assert.ok(await verifyPassword(PASSWORD, one));
  assert.ok(!(await verifyPassword(`${PASSWORD} `, one)));
  assert.ok(!(await verifyPassword('', one)));
  assert.ok(!isOutdated(one));
});

test('the same characters, however they were typed', async () => {
  assert.ok(
    await verifyPassword('caf\u00e9 au lait ｆｕｌｌ', await hashPassword('cafe\u0301 au lait full')),
  );
});

test('a hash of another implementation with a lower cost is verified, and known to be outdated', async () => {
  // Of the reference implementation: argon2 somesalt -id -t 2 -k 256 -p 1 -l 24
  const stored = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  assert.ok(await verifyPassword('password', stored));
  assert.ok(!(await verifyPassword('Password', stored)));
  assert.ok(isOutdated(stored));
});

test('an invalid hash matches no password, and needs no more memory than a valid one', async () => {
  const salt = 'c29tZXNhbHQ';
  const digest = 'nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  const decoy = `$argon2id$v=19$m=${CURRENT_COST.memoryKib},t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  for (const stored of [
    ...[NO_PASSWORD, '', PASSWORD, '$2b$10$abcdefghijklmnopqrstuv', decoy],
    ...[
      `$argon2id$v=19$m=9999999,t=2,p=1$${salt}$${digest}`,
      `$argon2id$v=19$m=64,t=0,p=1$${salt}$${digest}`,
    ],
    ...[`$argon2id$v=19$m=8,t=2,p=16$${salt}$${digest}`, `$argon2i$v=19$m=256,t=2,p=1$${salt}$${digest}`],
  ])
    assert.ok(!(await verifyPassword(PASSWORD, stored)), stored);
});
