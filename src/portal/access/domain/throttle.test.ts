import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortalParts } from '../../portal-parts.ts';
import { tooOftenSentence, waitBeforeAttempt } from './throttle.ts';

/** The keys that an attempt is counted under: of the address, and of the account. */
async function keysOf(name: string, address: string): Promise<string[]> {
  const keys: string[] = [];
  const store = {
    async takeAttempt(key: string): Promise<number> {
      keys.push(key);
      return 0;
    },
  };
  await waitBeforeAttempt({ store, now: () => 0 } as unknown as PortalParts, { name, address });
  return keys;
}

test('keys reveal no names, and are the same for the same account and network', async () => {
  const [address, account] = await keysOf('Ada', '2001:db8:1:2:3:4:5:6');
  for (const key of [address, account]) assert.match(key ?? '', /^[0-9a-f]{64}$/);
  assert.notEqual(address, account);
  for (const name of ['ada', ' ADA ', 'ａｄａ']) assert.equal((await keysOf(name, '::1'))[1], account, name);
  assert.notEqual((await keysOf('adam', '::1'))[1], account);
  for (const same of ['2001:db8:1:2::', '2001:0db8:0001:0002:ffff::9', '2001:DB8:1:2::1%eth0'])
    assert.equal((await keysOf('x', same))[0], address, same);
  for (const other of ['2001:db8:1:3::', '2001:db8::1:2', '192.0.2.1'])
    assert.notEqual((await keysOf('x', other))[0], address, other);
  assert.deepEqual(await keysOf('x', '::ffff:192.0.2.1'), await keysOf('x', '192.0.2.1'));
  assert.notDeepEqual(await keysOf('x', '192.0.2.2'), await keysOf('x', '192.0.2.1'));
});

test('how long to wait is said in words', () => {
  assert.match(tooOftenSentence(20_000), /Wait a minute/);
  assert.match(tooOftenSentence(61_000), /Wait 2 minutes/);
  assert.match(tooOftenSentence(5 * 3_600_000), /Wait 5 hours/);
});
