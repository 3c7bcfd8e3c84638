import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkPassword } from '../../../src/portal/access/domain/check-password.ts';
import { hashPassword } from '../../../src/portal/access/domain/passwords/password-hash.ts';
import { PasswordWork } from '../../../src/portal/access/domain/passwords/password-work.ts';
import { newSecret, secretHash } from '../../../src/portal/access/domain/secrets.ts';
import type { PortalParts } from '../../../src/portal/portal-parts.ts';
import { freePort } from '../../support/free-port.ts';
import { Person } from '../../support/portal/person.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const PASSWORD = 'a lamp beside four herons';

async function withAda(settings: Partial<TestPortal['parts']['settings']> = {}): Promise<TestPortal> {
  const portal = await startTestPortal({ settings });
  const account = { name: 'ada', grants: [{ app: '*', role: 'admin' as const }], atMs: Date.now() };
  await portal.store.createAccount({ ...account, passwordHash: await hashPassword(PASSWORD) });
  return portal;
}

const signIn = (person: Person, password = PASSWORD, name = 'ada', next = '/') =>
  person.post('/sign-in', { name, password, next });

describe('the cookie', () => {
  test('is for no script, no other site and, by HTTPS, for no other host', async () => {
    await using plain = await withAda();
    const [line] = (await signIn(new Person(plain.url))).headers.getSetCookie();
    assert.match(line ?? '', /^crashmon=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const port = await freePort();
    await using _secure = await withAda({ port, publicUrl: 'https://crashes.example' });
    const answer = await new Person(`http://127.0.0.1:${port}`).post(
      '/sign-in',
      { name: 'ada', password: PASSWORD },
      { origin: 'https://crashes.example' },
    );
    assert.match(
      answer.headers.getSetCookie()[0] ?? '',
      /^__Host-crashmon=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    assert.match(answer.headers.get('strict-transport-security') ?? '', /max-age=31536000/);
  });

  test('is new at each sign-in: one that was planted, or was there, is worth nothing', async () => {
    await using portal = await withAda();
    const planted = 'A'.repeat(43);
    const person = new Person(portal.url);
    person.plant('crashmon', planted);
    assert.equal((await signIn(person)).status, 303);
    const first = person.cookie;
    assert.notEqual(first, `crashmon=${planted}`);
    assert.equal((await signIn(person)).status, 303);
    assert.notEqual(person.cookie, first);
    for (const cookie of [`crashmon=${planted}`, first]) {
      const { status } = await new Person(portal.url, { cookie }).get('/');
      assert.equal(status, 303, cookie);
    }
    assert.equal((await person.get('/')).status, 200);
  });
});

test('only to pages of the portal', async () => {
  await using portal = await withAda();
  for (const next of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/sign-out',
    '\t//evil',
  ]) {
    const person = new Person(portal.url);
    const page = await person.get(`/sign-in?next=${encodeURIComponent(next)}`);
    assert.match(page.text, /name="next" value="\/"/, next);
    assert.equal((await signIn(person, PASSWORD, 'ada', next)).headers.get('location'), '/', next);
    const again = await person.get(`/sign-in?next=${encodeURIComponent(next)}`);
    assert.equal(again.headers.get('location'), '/', next);
  }
});

describe('too many attempts', () => {
  test('of an account are refused, also with the right password, with the time to wait', async () => {
    await using portal = await withAda();
    const person = new Person(portal.url);
    for (let at = 0; at < 5; at++) assert.equal((await signIn(person, `wrong ${at}`)).status, 401);
    for (const password of ['wrong again', PASSWORD]) {
      const refused = await signIn(person, password, 'ADA ');
      assert.equal(refused.status, 429);
      const seconds = Number(refused.headers.get('retry-after'));
      assert.ok(seconds > 0 && seconds <= 60, `${seconds}`);
      assert.match(refused.text, /role="alert"[^>]*>Too many attempts\. Wait a minute/);
    }
    // The same for unknown names; other accounts are another matter.
    for (let at = 0; at < 5; at++) assert.equal((await signIn(person, 'x', 'unknown')).status, 401);
    assert.equal((await signIn(person, 'x', 'unknown')).status, 429);
    assert.equal((await signIn(person, 'x', 'other')).status, 401);
    const counted = portal.parts.metrics.text();
    assert.match(counted, /crashmon_portal_sign_ins_total\{result="wrong"\} 11\n/);
    assert.match(counted, /crashmon_portal_sign_ins_total\{result="too-often"\} 3\n/);
  });

  test('are forgotten after a sign-in', async () => {
    await using portal = await withAda();
    const person = new Person(portal.url);
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 4; at++) assert.equal((await signIn(person, 'wrong')).status, 401);
      assert.equal((await signIn(person)).status, 303);
    }
  });

  test('from one address are refused, whatever it says where it comes from', async () => {
    await using portal = await withAda();
    const statuses: number[] = [];
    for (let at = 0; at < 21; at++) {
      const person = new Person(portal.url, { 'x-forwarded-for': `198.51.100.${at}` });
      statuses.push((await signIn(person, 'x', `name-${at}`)).status);
    }
    assert.deepEqual(statuses.slice(-2), [401, 429]);
  });

  test('are counted by the address that a trusted proxy reports', async () => {
    await using portal = await withAda({ trustedProxies: ['127.0.0.1'] });
    for (let at = 0; at < 21; at++) {
      const person = new Person(portal.url, { 'x-forwarded-for': `203.0.113.9, 198.51.100.${at}` });
      assert.equal((await signIn(person, 'x', `name-${at}`)).status, 401);
    }
  });
});

test('an unknown name costs as much as a known one', async () => {
  await using portal = await withAda();
  const { parts } = portal;
  const invited = { name: 'invited', passwordHash: '!', grants: [], atMs: Date.now() };
  await portal.store.createAccount(invited);
  const works: string[] = [];
  /** Records what is asked of the store and of the hasher. */
  class Recorded extends PasswordWork {
    override run<Result>(work: () => Promise<Result>): Promise<Result | null> {
      works.push('hash');
      return super.run(work);
    }
  }
  const store = new Proxy(parts.store, {
    get(target, name, receiver) {
      works.push(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  const recorded: PortalParts = { ...parts, store };
  const seen = [];
  for (const name of ['ada', 'unknown', 'invited']) {
    works.length = 0;
    const checked = await checkPassword(recorded, new Recorded(), {
      name,
      password: 'wrong',
      address: '192.0.2.1',
    });
    assert.deepEqual(checked, { is: 'wrong' });
    seen.push([...works]);
  }
  assert.deepEqual(seen[0], ['takeAttempt', 'takeAttempt', 'accountByName', 'hash']);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});

test('more at once than the portal hashes are asked to come again, and the others get in', async () => {
  await using portal = await withAda({ trustedProxies: ['127.0.0.1'] });
  const hash = await hashPassword(PASSWORD);
  const names = Array.from({ length: 60 }, (_, at) => `person-${at}`);
  for (const name of names)
    await portal.store.createAccount({ name, passwordHash: hash, grants: [], atMs: Date.now() });
  const answers = await Promise.all(
    names.map((name, at) =>
      signIn(new Person(portal.url, { 'x-forwarded-for': `198.51.100.${at}` }), PASSWORD, name),
    ),
  );
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(
    [...new Set(statuses)].filter((status) => status !== 303 && status !== 503),
    [],
  );
  assert.ok(statuses.filter((status) => status === 303).length >= 34, statuses.join());
  for (const busy of answers.filter(({ status }) => status === 503)) {
    assert.equal(busy.headers.get('retry-after'), '5');
    assert.match(busy.text, /Try again in a few seconds/);
  }
});

test('a session ends by itself: a week after its last use, thirty days after its beginning', async () => {
  await using portal = await withAda();
  const { store } = portal;
  const accountId = (await store.accountByName('ada'))?.id ?? '';
  const day = 24 * 3_600_000;
  const answers = [];
  for (const [agoMs, lastsMs] of [
    [6.9 * day, 30 * day],
    [7.1 * day, 30 * day],
    [2 * day, 2 * day - 1000],
  ] as const) {
    const secret = newSecret();
    const atMs = Date.now() - agoMs;
    const times = { atMs, expiresAtMs: atMs + lastsMs };
    await store.createSession({ secretHash: secretHash(secret), accountId, userAgent: '', ...times });
    const person = new Person(portal.url, { cookie: `crashmon=${secret}` });
    answers.push((await person.get('/')).status, (await person.get('/')).status);
  }
  // What is used goes on; what ended does not come back by being asked for.
  assert.deepEqual(answers, [200, 200, 303, 303, 303, 303]);
});

test('a password that was hashed with a lower cost is hashed anew when its owner comes', async () => {
  await using portal = await startTestPortal();
  const passwordHash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  await portal.store.createAccount({ name: 'ada', passwordHash, grants: [], atMs: Date.now() });
  for (let at = 0; at < 2; at++) assert.equal((await signIn(new Person(portal.url), 'password')).status, 303);
  assert.match((await portal.store.accountByName('ada'))?.passwordHash ?? '', /\$m=19456,t=2,p=1\$/);
});

test('nothing of passwords and secrets is in the log', async () => {
  await using portal = await withAda();
  const person = new Person(portal.url);
  const link = portal.setupLink ?? '';
  await person.get(link);
  await signIn(person, 'wrong-secret-word');
  await signIn(person);
  await person.get('/');
  const log = portal.log();
  assert.match(log, /"route":"\/sign-in"/);
  for (const secret of ['wrong-secret-word', PASSWORD, person.cookie.split('=')[1] ?? 'x', link.slice(-43)])
    assert.ok(!log.includes(secret), secret);
});
