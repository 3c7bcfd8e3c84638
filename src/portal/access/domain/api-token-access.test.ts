import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account, ApiToken, Grant } from '../../store/access/access-store.ts';
import { decideReading, type Reading } from './api-token-access.ts';

const NOW = 1_700_000_000_000;
const SENT = { secretHash: 'h' };
const CRASHES: Reading = { scope: 'crashes:read', app: 'shop' };

function tokenOf(parts: Partial<ApiToken> = {}): ApiToken & { secretHash: string } {
  return {
    ...{ id: 'i', name: 'n', accountId: 'a', scopes: ['crashes:read'], apps: null, createdAtMs: 0 },
    ...{ createdBy: 'ada', expiresAtMs: NOW + 1, lastUsedMs: null, revokedAtMs: null, ...SENT },
    ...parts,
  };
}
const accountOf = (...grants: Grant[]): Account => ({
  ...{ id: 'a', name: 'ada', createdAtMs: 0, lastSignInMs: null, grants },
});
const OWNER = accountOf({ app: '*', role: 'admin' });

const decide = (token: ReturnType<typeof tokenOf>, account: Account | null, reading = CRASHES) => {
  const decided = decideReading(token, account, SENT, reading, NOW);
  return decided.is === 'refused' ? decided.why : decided.account.grants;
};

test('a reader can only view, whatever its account can', () => {
  assert.deepEqual(decide(tokenOf(), OWNER), [{ app: '*', role: 'viewer' }]);
  const admin = accountOf({ app: 'shop', role: 'admin' }, { app: 'blog', role: 'viewer' });
  assert.deepEqual(decide(tokenOf(), admin), [
    { app: 'shop', role: 'viewer' },
    { app: 'blog', role: 'viewer' },
  ]);
});

test('it sees what both the token and its account can see, now', () => {
  const limited = tokenOf({ apps: ['shop', 'blog'] });
  assert.deepEqual(decide(limited, accountOf({ app: 'shop', role: 'viewer' })), [
    { app: 'shop', role: 'viewer' },
  ]);
  assert.equal(decide(limited, accountOf({ app: 'blog', role: 'admin' })), 'no access to the app');
  assert.equal(decide(limited, OWNER, { ...CRASHES, app: 'other' }), 'no access to the app');
  assert.equal(
    decide(tokenOf({ apps: ['*'] }), accountOf({ app: 'shop', role: 'admin' })),
    'no access to the app',
  );
  assert.equal(decide(tokenOf({ apps: [] }), OWNER), 'no access to the app');
});

test('refusals, the strictest first', () => {
  const wrong = decideReading(tokenOf({ revokedAtMs: 1 }), OWNER, { secretHash: 'g' }, CRASHES, NOW);
  assert.deepEqual(wrong, { is: 'refused', why: 'wrong secret' });
  assert.equal(decide(tokenOf({ revokedAtMs: NOW }), OWNER), 'revoked');
  assert.equal(decide(tokenOf({ expiresAtMs: NOW }), OWNER), 'expired');
  assert.equal(decide(tokenOf(), null), 'account removed');
  assert.equal(decide(tokenOf(), OWNER, { scope: null, app: 'shop' }), 'not readable');
  assert.equal(decide(tokenOf(), OWNER, { scope: 'fleet:read', app: 'shop' }), 'missing scope');
});

test('metrics are about all apps', () => {
  const [metrics, reading] = [
    tokenOf({ scopes: ['metrics:read'] }),
    { scope: 'metrics:read', app: null } as const,
  ];
  assert.deepEqual(decide(metrics, OWNER, reading), [{ app: '*', role: 'viewer' }]);
  assert.equal(decide(metrics, accountOf({ app: 'shop', role: 'admin' }), reading), 'no access to the app');
  assert.equal(decide({ ...metrics, apps: ['shop'] }, OWNER, reading), 'no access to the app');
});
