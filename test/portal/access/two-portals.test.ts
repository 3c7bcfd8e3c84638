import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword } from '../../../src/portal/access/domain/passwords/password-hash.ts';
import { startPostgres } from '../../support/portal/database.ts';
import { Person } from '../../support/portal/person.ts';
import { startPortalProcess, withStore } from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PASSWORD = 'a lamp beside four herons';

test('two portals over one database are one: link, session, sign-out, attempts', async () => {
  await using directory = await temporaryDirectory('access');
  await using postgres = await startPostgres();
  const place = { dataDir: directory.path, database: await postgres.fresh() };
  await using one = await startPortalProcess(place);
  await using other = await startPortalProcess(place);

  // Both printed a link; of twenty at both portals, with either link, one makes the account.
  const secrets = [one, other].map(({ setupLink }) => setupLink?.slice(-43) ?? '');
  assert.equal(new Set(secrets).size, 2);
  const makers = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const person = new Person(at % 2 === 0 ? one.url : other.url);
      const form = { name: `maker-${at}`, password: PASSWORD, again: PASSWORD };
      const { status } = await person.post(`/setup/${secrets[at % 4 < 2 ? 0 : 1]}`, form);
      return { person, status, name: form.name };
    }),
  );
  const won = makers.filter(({ status }) => status === 303);
  assert.equal(won.length, 1, makers.map(({ status }) => status).join());
  assert.ok(makers.every(({ status }) => status === 303 || status === 410));
  const { person, name = '' } = won[0] ?? {};
  assert.ok(person !== undefined);

  // The session is known at both, and ended at both.
  const elsewhere = new Person(other.url, { cookie: person.cookie });
  assert.equal((await elsewhere.get('/admin')).status, 200);
  const cookie = person.cookie;
  await person.get('/');
  assert.equal((await person.post('/sign-out')).status, 303);
  for (const { url } of [one, other]) assert.equal((await new Person(url, { cookie }).get('/')).status, 303);

  // Eighteen wrong passwords at once, half of them at each: five are looked at.
  const tries = await Promise.all(
    Array.from({ length: 18 }, (_, at) =>
      new Person(at % 2 === 0 ? one.url : other.url).post('/sign-in', { name, password: `wrong ${at}` }),
    ),
  );
  const statuses = tries.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 401).length, 5, statuses.join());
  assert.equal(statuses.filter((status) => status === 429).length, 13, statuses.join());

  // Other accounts are another matter.
  const passwordHash = await hashPassword(PASSWORD);
  await withStore(place, async (store) => {
    const [owner] = await store.accounts();
    assert.deepEqual(owner?.grants, [{ app: '*', role: 'admin' }]);
    await store.createAccount({ name: 'grace', passwordHash, grants: [], atMs: Date.now() });
  });
  assert.equal(
    (await new Person(other.url).post('/sign-in', { name: 'grace', password: PASSWORD })).status,
    303,
  );

  // A database that is away is said to be; when it is back, all is as before.
  const grace = new Person(one.url);
  assert.equal((await grace.post('/sign-in', { name: 'grace', password: PASSWORD })).status, 303);
  await postgres.kill();
  assert.equal((await new Person(one.url).get('/sign-in')).status, 200);
  for (const answer of [
    await grace.get('/account'),
    await new Person(one.url).post('/sign-in', { name: 'grace', password: PASSWORD }),
    await new Person(one.url).get(`/setup/${secrets[0]}`),
  ]) {
    assert.equal(answer.status, 503);
    assert.match(answer.text, /The database cannot be reached or written/);
  }
  await postgres.start();
  assert.equal((await grace.get('/account')).status, 200);
});
