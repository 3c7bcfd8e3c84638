import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { listPrivateLogs, readPrivateLog } from '../../src/journal/private-log.ts';
import { MailServer } from '../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../notify/webhook-receiver.ts';
import { until } from '../portal/whole/whole.ts';
import { crashmon, startCrashmon } from '../support/crashmon.ts';
import { untilNoneMarked } from '../support/leftovers.ts';
import { IS_COMPLETE } from '../support/matrix.ts';
import { startPostgres } from '../support/portal/database.ts';
import { newToken, startPortalProcess, withStore } from '../support/portal/start-portal.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { storedExits } from '../support/stored-exits.ts';
import { type Dying, dyingPrograms, inTurn, prepare } from '../support/sweep/dying-programs.ts';
import { findMark } from '../support/sweep/find-mark.ts';
import { postgresBytes, storedBytes } from '../support/sweep/stored-bytes.ts';
import { Tap } from '../support/sweep/tap.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PORTAL_MAIL = 'portal@example.com';
/** In all data of the programs, and nowhere in them as an identifier. */
const SECRET = 'zqkvmxwjhb';
/** The name of the function that crashes, which may leave: where it is not found, the search would find nothing else either. */
const CONTROL = 'kontrolnamepqx';

const canary = (place: string) => `${SECRET} ${place} ${SECRET}`;

/** All that left, all that is kept outside of private logs, and all that crashmon said. */
type Evidence = Record<string, readonly Buffer[]>;

/** Where the name of a function of the app is shown or sent; elsewhere nothing of the app is. */
const WITH_CONTROL = [
  ...['HTTP to the portal', 'pages', 'API', "the portal's database", 'state directory', 'shown by the CLI'],
  ...['mail of the instance', 'webhook of the instance', 'mail of the portal', 'webhook of the portal'],
];

for (const database of IS_COMPLETE ? (['SQLite', 'PostgreSQL'] as const) : (['SQLite'] as const)) {
  test(`nothing private leaves or is kept, in any encoding: a portal on ${database}`, async () => {
    await using postgres = database === 'PostgreSQL' ? await startPostgres() : null;
    const programs = dyingPrograms();
    const { evidence, logs } = await evidenceOf(programs, postgres === null ? null : await postgres.fresh());
    const silent = WITH_CONTROL.filter((what) => foundIn(evidence[what], CONTROL).length === 0);
    assert.deepEqual(silent, [], 'the function that crashed is named there');
    // The programs had the data: what they printed, or the exception's message, is in their private logs.
    for (const { name, commands } of programs) {
      const withData = logs.get(name)?.filter((log) => log.includes(SECRET)).length ?? 0;
      assert.ok(withData >= commands.length - (IS_COMPLETE ? 1 : 0), `${name}: ${withData} private logs`);
    }
    const leaks = Object.entries(evidence).flatMap(([what, bytes]) =>
      foundIn(bytes, SECRET).map(({ how, context }) => `${what}, ${how}: ${context}`),
    );
    assert.deepEqual([...new Set(leaks)], []);
  });
}

function foundIn(bytes: readonly Buffer[] = [], mark: string) {
  return bytes.flatMap((each) => findMark(each, mark));
}

async function evidenceOf(programs: readonly Dying[], databaseUrl: string | null) {
  await using state = await stateDirectory();
  await using data = await temporaryDirectory('sweep');
  // The home directory of a user, and a file in it.
  const home = path.join(data.path, 'home', canary('Home'));
  const place = { dataDir: path.join(data.path, 'portal'), database: databaseUrl };
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, `${canary('File')}.txt`), canary('Content'));
  await prepare(home, programs);

  await using mails = await MailServer.start();
  await using hooks = await WebhookReceiver.start(answer(200));
  await using mailOfInstance = await Tap.before(() => mails.port);
  await using mailOfPortal = await Tap.before(() => mails.port);
  await using hookOfInstance = await Tap.before(() => hooks.port);
  await using hookOfPortal = await Tap.before(() => hooks.port);
  const sending = ['--smtp', `smtp://127.0.0.1:${mailOfPortal.port}`, '--mail-from', PORTAL_MAIL];
  const { token, cookie } = await withStore(place, async (store) => {
    const target = { type: 'webhook', address: `http://127.0.0.1:${hookOfPortal.port}/portal` } as const;
    const mail = { type: 'mail', address: PORTAL_MAIL, preset: null, secret: null } as const;
    await store.notifications.addTarget(
      'shop',
      { ...target, preset: null, secret: null },
      'test',
      Date.now(),
    );
    await store.notifications.addTarget('shop', mail, 'test', Date.now());
    return { token: await newToken(store, 'shop'), cookie: await signIn(store) };
  });
  await using portal = await startPortalProcess(place, {
    args: [...sending, '--allow-private-webhooks'],
    deadlineMs: 1_200_000,
  });
  await using http = await Tap.before(() => Number(new URL(portal.url).port));

  const said: Buffer[] = [];
  const run = async ({ name, commands, armed }: Dying) => {
    const options = ['--name', 'shop', '--instance', name, '--app-version', '1.0.0', '--json'];
    const portalOptions = ['--portal', `http://127.0.0.1:${http.port}`];
    const mail = ['--notify', `smtp://127.0.0.1:${mailOfInstance.port}`, '--mail-to', 'instance@example.com'];
    const hook = ['--webhook', `http://127.0.0.1:${hookOfInstance.port}/instance`, '--webhook-allow-private'];
    const restarts = ['--restart-delay', '10ms', '--restart-delay-max', '10ms'];
    const policy = ['--arm-after', armed ? '0' : '99', '--cooldown', '1ms', ...restarts];
    // The last one stays, so that crashmon does, and sends the reports.
    const worker = inTurn(commands, path.join(data.path, name));
    await using app = startCrashmon(
      ['run', ...options, ...policy, ...portalOptions, ...mail, ...hook, '--', ...worker, canary('Argument')],
      {
        stateDir: state.path,
        cwd: home,
        env: { CRASHMON_PORTAL_TOKEN: token, SWEEP_CANARY: canary('Environment'), HOME: home },
        deadlineMs: 300_000,
      },
    );
    await mails.mail(
      ({ to, mail: { text } }) => to[0] !== PORTAL_MAIL && text?.includes(`on ${name}`) === true,
    );
    await until('all is sent', () => waitingOf(state.path, name, commands.length) === 0);
    app.kill('SIGTERM');
    const { stderr } = await app.exited;
    const ownLines = stderr.split('\n').filter((line) => line.startsWith('{"at":'));
    said.push(Buffer.from(ownLines.join('\n')));
  };
  const waiting = [...programs];
  const turns = Array.from({ length: 3 }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  });
  await Promise.all(turns);
  await untilNoneMarked(state.path);
  const hasControl = (bytes: Buffer[]) => foundIn(bytes, CONTROL).length > 0;
  await until(
    'the portal has notified',
    () => hasControl(mailOfPortal.sent()) && hasControl(hookOfPortal.sent()),
  );

  const get = async (address: string) => {
    const response = await fetch(`${portal.url}${address}`, { headers: { cookie, accept: '*/*' } });
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, `${address}: ${body}`);
    return body;
  };
  const exits = storedExits(state.path);
  const shown = await Promise.all([
    crashmon(['status'], { stateDir: state.path }),
    crashmon(['crashes', '--json'], { stateDir: state.path }),
    ...exits
      .slice(0, 8)
      .map(({ id }) => crashmon(['show', id, '--all', '--threads', '--json'], { stateDir: state.path })),
  ]);
  const crashes = JSON.parse(String(await get('/api/v1/apps/shop/crashes?range=1d&limit=500'))).items;
  assert.equal(crashes.length, exits.filter(({ verdict }) => verdict.counted).length);
  const uids: string[] = crashes.map(({ uid }: { uid: string }) => uid);
  const pages = await Promise.all(['/', '/apps/shop', '/apps/shop/history', '/apps/shop/instances'].map(get));
  for (const uid of uids) pages.push(await get(`/apps/shop?crash=${uid}`));
  const api: Buffer[] = [await get('/api/v1/apps/shop/crashes?range=1d&limit=500')];
  for (const uid of uids) api.push(await get(`/api/v1/apps/shop/crashes/${uid}`));
  const metrics = await get('/metrics');
  const portalLog = [Buffer.from(portal.program.stdout), Buffer.from(portal.program.stderr)];
  await portal[Symbol.asyncDispose]();

  const isPrivate = (name: string) => name.includes('/crashdumps/');
  const evidence: Evidence = {
    'HTTP to the portal': http.sent(),
    'HTTP from the portal': http.answered(),
    'mail of the instance': mailOfInstance.sent(),
    'mail of the portal': mailOfPortal.sent(),
    'webhook of the instance': hookOfInstance.sent(),
    'webhook of the portal': hookOfPortal.sent(),
    "the portal's database":
      databaseUrl === null ? storedBytes(place.dataDir) : await postgresBytes(databaseUrl),
    "the portal's log": portalLog,
    metrics: [metrics],
    pages,
    API: api,
    // The journal needs the directory of the app, to make paths relative to it.
    'state directory': without(
      storedBytes(state.path, (name) => !isPrivate(name)),
      `"appRoot":"${home}"`,
    ),
    'said by crashmon': said,
    'shown by the CLI': shown.map(({ stdout, stderr }) => Buffer.from(stdout + stderr)),
  };
  return { evidence, logs: privateLogs(state.path) };
}

function without(bytes: readonly Buffer[], known: string): Buffer[] {
  return bytes.map((each) => Buffer.from(each.toString('latin1').replaceAll(known, ''), 'latin1'));
}

async function signIn(store: Parameters<Parameters<typeof withStore>[1]>[0]): Promise<string> {
  const { newSecret, secretHash } = await import('../../src/portal/access/domain/secrets.ts');
  const nowMs = Date.now();
  const grants = [{ app: '*', role: 'admin' as const }];
  const account = await store.createAccount({ name: 'ada', passwordHash: 'none', grants, atMs: nowMs });
  const secret = newSecret();
  const session = { secretHash: secretHash(secret), accountId: account.id, atMs: nowMs };
  await store.createSession({ ...session, expiresAtMs: nowMs + 3_600_000, userAgent: 'test' });
  return `crashmon=${secret}`;
}

/** Records of an instance that are not sent yet; null before it has so many exits, and has reported them. */
function waitingOf(stateDir: string, name: string, exits: number): number | null {
  const found = listJournals(stateDir).find(({ instance }) => instance === name);
  using journal = found === undefined ? null : openJournalReadOnly(found.directory);
  const ended = journal?.exits({ limit: exits + 1 }) ?? [];
  // Raw captures are deleted once they are reported; the worker that stays has one.
  const raw = found === undefined ? [] : readdirSync(path.join(found.directory, 'raw'));
  const isOver = ended.length === exits && raw.length <= 1;
  return isOver ? (journal?.outboxTotals().records ?? null) : null;
}

/** By instance. */
function privateLogs(stateDir: string): Map<string, string[]> {
  return new Map(
    listJournals(stateDir).map(({ directory, instance }) => [
      instance,
      listPrivateLogs(directory).map(({ id }) => readPrivateLog(directory, id) ?? ''),
    ]),
  );
}
