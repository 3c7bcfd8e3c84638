import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Grant } from '../../../src/portal/store/access/access-store.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const OWNER: Grant[] = [{ app: '*', role: 'admin' }];
const AT = 1_700_000_000_000;

for (const dialect of ['sqlite', 'postgres'] as const) {
  describe(dialect, () => {
    let postgres: TestDatabase | null = null;
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
    before(async () => {
      directory = await temporaryDirectory('access');
      if (dialect === 'postgres') postgres = await startPostgres();
    });
    after(async () => {
      await postgres?.[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    });
    let made = 0;
    /** Two stores over one database, as two portals have them. */
    async function twoStores(): Promise<AsyncDisposable & { one: PortalStore; other: PortalStore }> {
      const databaseUrl = (await postgres?.fresh()) ?? null;
      const settings = { databaseUrl, dataDir: `${directory.path}/${++made}`, retentionDays: 90 };
      const [one, other] = [await openPortalStore(settings), await openPortalStore(settings)];
      const close = async () => {
        // SQLite's threads keep no process alive, and closing has to wait for them.
        const alive = setInterval(() => {}, 1000);
        await Promise.all([one.close(), other.close()]);
        clearInterval(alive);
      };
      return { one, other, [Symbol.asyncDispose]: close };
    }
    const newAccount = (store: PortalStore, name: string, grants: Grant[] = []) =>
      store.createAccount({ name, passwordHash: '!', grants, atMs: AT });

    test('names are of one account, however they are written', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      const made = await Promise.allSettled(['Ada', 'ADA', 'ada'].map((name) => newAccount(one, name)));
      assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
      const found = await other.accountByName('aDa');
      assert.equal(found?.passwordHash, '!');
      assert.deepEqual(found, { ...(await other.account(found?.id ?? '')), passwordHash: '!' });
      assert.equal(await other.accountByName('adam'), null);
      assert.equal(await other.account('unknown'), null);
    });

    test('one first account, also at the same time, and no link for another', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      const link = { purpose: 'setup' as const, accountId: null, expiresAtMs: AT + 10 };
      await one.createOneTimeLink({ secretHash: 'spare', ...link });
      const tries = Array.from({ length: 12 }, (_, at) =>
        (at % 2 === 0 ? one : other).createFirstAccount({ name: `a${at}`, passwordHash: '!', atMs: AT }),
      );
      const made = (await Promise.all(tries)).filter((each) => each !== null);
      assert.equal(made.length, 1);
      assert.deepEqual(made[0]?.grants, OWNER);
      assert.equal((await one.accounts()).length, 1);
      assert.equal(await one.oneTimeLink('spare', 'setup', AT), null);
    });

    test('a link is looked at for free, and taken by one of many', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      const account = await newAccount(one, 'ada');
      const link = {
        secretHash: 's',
        purpose: 'setup' as const,
        accountId: account.id,
        expiresAtMs: AT + 10,
      };
      await one.createOneTimeLink(link);
      assert.deepEqual(await other.oneTimeLink('s', 'setup', AT), { accountId: account.id });
      assert.equal(await other.oneTimeLink('s', 'sign-in', AT), null);
      assert.equal(await other.oneTimeLink('s', 'setup', AT + 10), null);
      const tries = Array.from({ length: 20 }, (_, at) =>
        (at % 2 === 0 ? one : other).takeOneTimeLink('s', 'setup', AT),
      );
      assert.equal((await Promise.all(tries)).filter((each) => each !== null).length, 1);
      await one.createOneTimeLink(link);
      await one.setPassword(account.id, 'new');
      assert.equal(await other.oneTimeLink('s', 'setup', AT), null);
      await one.replacePasswordHash(account.id, 'old', 'older');
      assert.equal((await other.accountByName('ada'))?.passwordHash, 'new');
      await one.replacePasswordHash(account.id, 'new', 'newer');
      assert.equal((await other.accountByName('ada'))?.passwordHash, 'newer');
    });

    test('grants change one by one, and the portal always has an owner', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      const [ada, grace] = [await newAccount(one, 'ada', OWNER), await newAccount(one, 'grace', OWNER)];
      await one.addGrant(ada.id, { app: 'shop', role: 'viewer' });
      await one.addGrant(ada.id, { app: 'shop', role: 'admin' });
      assert.deepEqual((await other.account(ada.id))?.grants, [...OWNER, { app: 'shop', role: 'admin' }]);
      assert.equal(await one.removeGrant(ada.id, 'blog'), false);
      assert.equal(await one.removeGrant(ada.id, 'shop'), true);
      // Each would take the last but one from the other.
      const changes = [
        () => one.removeAccount(ada.id),
        () => other.removeGrant(grace.id, '*'),
        () => one.addGrant(ada.id, { app: '*', role: 'viewer' }),
        () => other.removeAccount(grace.id),
      ];
      const done = await Promise.allSettled(changes.map((change) => change()));
      const refused = done.filter(({ status }) => status === 'rejected');
      assert.ok(refused.length >= 1);
      for (const each of refused) {
        const { code } = (each as PromiseRejectedResult).reason as { code: string };
        assert.ok(code === 'NOT_ALLOWED' || code === 'NO_SUCH_ACCOUNT', code);
      }
      const owners = (await one.accounts()).filter(({ grants }) => grants[0]?.role === 'admin');
      assert.equal(owners.length, 1);
      const last = owners[0]?.id ?? '';
      await assert.rejects(one.removeAccount(last), { code: 'NOT_ALLOWED' });
      await assert.rejects(one.removeGrant(last, '*'), { code: 'NOT_ALLOWED' });
      await assert.rejects(one.addGrant(last, { app: '*', role: 'viewer' }), { code: 'NOT_ALLOWED' });
      assert.deepEqual((await other.account(last))?.grants, OWNER);
      await assert.rejects(one.addGrant('gone', { app: 'shop', role: 'viewer' }), {
        code: 'NO_SUCH_ACCOUNT',
      });
      // Two who remove each other, again and again: one of them stays each time.
      let staying = last;
      for (let round = 0; round < 6; round++) {
        const next = await newAccount(one, `owner-${round}`, OWNER);
        const done = await Promise.allSettled([one.removeAccount(staying), other.removeAccount(next.id)]);
        assert.deepEqual(done.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
        staying = done[0].status === 'rejected' ? staying : next.id;
      }
      const viewer = await newAccount(one, 'viewer', [{ app: '*', role: 'viewer' }]);
      assert.equal(await one.removeAccount(viewer.id), true);
      assert.equal(await one.removeAccount(viewer.id), false);
    });

    test('sessions end for all at once, by themselves, one by one, and with their account', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      await newAccount(one, 'owner', OWNER);
      const account = await newAccount(one, 'ada');
      const begin = (secretHash: string, userAgent = 'x') =>
        one.createSession({ secretHash, accountId: account.id, atMs: AT, expiresAtMs: AT + 1e9, userAgent });
      for (const hash of ['a', 'b', 'c']) await begin(hash);
      await begin('d', `\0\ud800${'long'.repeat(200)}`);
      const idOf = async (hash: string) => (await other.sessionBySecret(hash, AT, 1e9))?.id ?? null;
      assert.equal((await other.sessions(account.id, AT)).length, 4);
      assert.equal((await other.sessionBySecret('d', AT, 1e9))?.userAgent.length, 300);
      // It says when it was seen before, not that it is now.
      assert.equal((await other.sessionBySecret('a', AT + 90_000, 90_000))?.lastSeenMs, AT);
      assert.equal((await other.sessionBySecret('a', AT + 91_000, 90_000))?.lastSeenMs, AT + 90_000);
      // What ended by not being used does not come back by being asked for.
      for (let asked = 0; asked < 2; asked++)
        assert.equal(await other.sessionBySecret('a', AT + 180_001, 90_000), null);
      assert.equal(await other.sessionBySecret('a', AT + 1e9, 1e9), null);
      await one.endSession((await idOf('a')) ?? '');
      assert.equal(await idOf('a'), null);
      await one.endSessionsOf(account.id, (await idOf('b')) ?? '');
      assert.notEqual(await idOf('b'), null);
      assert.equal(await idOf('c'), null);
      await one.removeAccount(account.id);
      assert.equal(await idOf('b'), null);
    });

    test('attempts are counted once, by however many at the same time, and forgotten', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      const limits = [
        { most: 5, withinMs: 60_000 },
        { most: 7, withinMs: 600_000 },
      ];
      const attempt = (at: number, atMs: number) =>
        (at % 2 === 0 ? one : other).takeAttempt('key', limits, atMs);
      const waits = await Promise.all(Array.from({ length: 30 }, (_, at) => attempt(at, AT)));
      assert.equal(waits.filter((wait) => wait === 0).length, 5);
      assert.deepEqual([...new Set(waits)].toSorted(), [0, 60_000]);
      // What was refused is not counted; another key is another matter.
      assert.equal(await one.takeAttempt('other', limits, AT), 0);
      assert.equal(await attempt(0, AT + 30_000), 30_000);
      assert.deepEqual([await attempt(0, AT + 60_000), await attempt(1, AT + 60_000)], [0, 0]);
      assert.equal(await attempt(0, AT + 60_001), 540_000 - 1);
      await one.forgetAttempts('key');
      assert.equal(await attempt(1, AT + 60_002), 0);
    });

    test('tokens and the log keep to their app', async () => {
      await using stores = await twoStores();
      const { one, other } = stores;
      const make = (app: string, label: string) =>
        one.createToken({ app, label, secretHash: app, by: 'ada', atMs: AT });
      const [web] = [await make('shop', 'web \0\ud800'), await make('blog', 'b')];
      assert.deepEqual(
        (await other.tokens('shop')).map(({ label }) => label),
        ['web \ufffd\ufffd'],
      );
      assert.equal((await other.tokens('*')).length, 2);
      assert.equal(await one.revokeToken(web.id, AT + 1), true);
      assert.equal(await one.revokeToken(web.id, AT + 2), false);
      assert.equal((await other.tokens('shop'))[0]?.revokedAtMs, AT + 1);
      for (const app of ['shop', 'blog', null])
        await one.audit({ atMs: AT, who: 'ada', what: 'x', app, detail: app ?? 'portal' });
      assert.deepEqual(
        (await other.auditEntries('*', 2)).map(({ detail }) => detail),
        ['portal', 'blog'],
      );
      assert.deepEqual(
        (await other.auditEntries('shop', 9)).map(({ detail }) => detail),
        ['shop'],
      );
    });
  });
}
