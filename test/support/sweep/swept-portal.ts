import assert from 'node:assert/strict';
import path from 'node:path';
import { createApiToken } from '../../../src/portal/access/domain/create-api-token.ts';
import { newSecret, secretHash } from '../../../src/portal/access/domain/secrets.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import type { Sessions } from '../../../src/portal/store/read/dump-store.ts';
import { MailServer } from '../../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../../notify/webhook-receiver.ts';
import { until } from '../../portal/whole/whole.ts';
import type { TestDatabase } from '../portal/database.ts';
import { sendForm } from '../portal/send-form.ts';
import { newToken, startPortalProcess, withStore } from '../portal/start-portal.ts';
import { findMark } from './find-mark.ts';
import { CONTROL, type Evidence, type Expected } from './marks.ts';
import { logStatements, POSTGRES_HAS, postgresBytes } from './postgres-bytes.ts';
import { storedBytes } from './stored-bytes.ts';
import { Tap } from './tap.ts';

export const PORTAL_MAIL = 'portal@example.com';
/** In the address of the portal's webhook, and what its messages are signed with. */
const HOOK_ADDRESS = 'qwhookaddressz';
const HOOK_SECRET = 'qwhooksecretzqwhooksecretz';

const WITH_CONTROL = [
  ...['HTTP to the portal', 'mail of the instance', 'webhook of the instance'],
  ...['mail of the portal', 'webhook of the portal', 'pages', 'API'],
];

/** What the connections of instances and of the portal lead to. */
type Taps = { http: Tap; mailOfInstance: Tap; hookOfInstance: Tap };

export type SweptPortal = AsyncDisposable & {
  taps: Taps;
  mails: MailServer;
  hooks: WebhookReceiver;
  /** Of each app. */
  tokens: Map<string, string>;
  /** Settles once the portal has notified its recipients. */
  notified(): Promise<void>;
  /** UIDs of the crashes that it shows of an app. */
  uids(app: string): Promise<string[]>;
  /** What the page of sessions shows of an app. */
  sessions(app: string): Promise<Sessions>;
  /** Sends a form as an admin. */
  send(address: string, fields: Record<string, string>): Promise<Response>;
  /** Ends the portal. */
  evidence(): Promise<Evidence>;
  /** Where the function that crashed is named, and where secrets are: an API token, a session's cookie, tokens of apps, those of a webhook. */
  expected: Expected;
};

type Options = {
  /** Where taps of instances listen; ports without it. */
  sockets?: string | null;
  postgres?: TestDatabase | null;
};

/** A portal that notifies by mail and webhook, everything that passes between it, instances and servers is recorded. */
export async function startSweptPortal(
  directory: string,
  apps: readonly string[],
  { sockets = null, postgres = null }: Options = {},
): Promise<SweptPortal> {
  const databaseUrl = (await postgres?.fresh()) ?? null;
  const database =
    postgres === null || databaseUrl === null
      ? null
      : { url: databaseUrl, server: postgres, from: await logStatements(databaseUrl) };
  const place = { dataDir: path.join(directory, 'portal'), database: databaseUrl };
  await using stack = new AsyncDisposableStack();
  const mails = stack.use(await MailServer.start());
  const hooks = stack.use(await WebhookReceiver.start(answer(200)));
  const tap = async (toPort: () => number, name: string | null = null) =>
    stack.use(await Tap.before(toPort, sockets === null || name === null ? null : path.join(sockets, name)));
  const mailOfInstance = await tap(() => mails.port, 'mail');
  const hookOfInstance = await tap(() => hooks.port, 'hook');
  const mailOfPortal = await tap(() => mails.port);
  const hookOfPortal = await tap(() => hooks.port);
  const address = `http://127.0.0.1:${hookOfPortal.port}/${HOOK_ADDRESS}`;
  const tokens = new Map<string, string>();
  const { cookie, apiToken } = await withStore(place, async (store) => {
    for (const app of apps) {
      const hook = { type: 'webhook', address, preset: null, secret: HOOK_SECRET } as const;
      const mail = { type: 'mail', address: PORTAL_MAIL, preset: null, secret: null } as const;
      for (const each of [hook, mail]) await store.notifications.addTarget(app, each, 'test', Date.now());
      tokens.set(app, await newToken(store, app));
    }
    return await signIn(store);
  });
  const sending = ['--smtp', `smtp://127.0.0.1:${mailOfPortal.port}`, '--mail-from', PORTAL_MAIL];
  const portal = stack.use(
    await startPortalProcess(place, {
      args: [...sending, '--allow-private-webhooks', '--portal-dumps', '100MB'],
      deadlineMs: 1_200_000,
    }),
  );
  const http = await tap(() => Number(new URL(portal.url).port), 'http');

  const request = async (address: string, headers: Record<string, string>) => {
    const response = await fetch(`${portal.url}${address}`, { headers: { accept: '*/*', ...headers } });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  };
  const get = async (address: string) => {
    const { status, body } = await request(address, { cookie });
    assert.equal(status, 200, `${address}: ${body}`);
    return body;
  };
  const uids = async (app: string): Promise<string[]> => {
    const { items } = JSON.parse(String(await get(`/api/v1/apps/${app}/crashes?range=1d&limit=500`)));
    return items.map(({ uid }: { uid: string }) => uid);
  };
  const sessions = async (app: string) => JSON.parse(String(await get(`/api/v1/apps/${app}/sessions`)));
  const send = (address: string, fields: Record<string, string>) =>
    sendForm({ url: portal.url, cookie }, address, fields);
  const stored = postgres === null ? ["the portal's database"] : POSTGRES_HAS;
  const resources = stack.move();
  return {
    taps: { http, mailOfInstance, hookOfInstance },
    ...{ mails, hooks, tokens, uids, sessions, send },
    async notified() {
      const hasControl = (bytes: Buffer[]) => bytes.some((each) => findMark(each, CONTROL).length > 0);
      await until(
        'the portal has notified',
        () => hasControl(mailOfPortal.sent()) && hasControl(hookOfPortal.sent()),
      );
    },
    async evidence() {
      const pages = await Promise.all(['/', '/account', '/admin', '/admin/audit', '/api-tokens'].map(get));
      const api: Buffer[] = [];
      for (const app of apps) {
        for (const page of ['', '/history', '/instances', '/sessions', '/notifications', '/settings'])
          pages.push(await get(`/apps/${app}${page}`));
        for (const uid of await uids(app)) {
          pages.push(await get(`/apps/${app}?crash=${uid}`));
          api.push(await get(`/api/v1/apps/${app}/crashes/${uid}`));
        }
        for (const list of ['crashes?range=1d&limit=500', 'sessions', 'instances'])
          api.push(await get(`/api/v1/apps/${app}/${list}`));
        // An API token that is used, one that reads too much, and one in an address.
        const authorization = `Bearer ${apiToken}`;
        const read = await request(`/api/v1/apps/${app}/crashes?limit=500`, { authorization });
        assert.equal(read.status, 200);
        const refused = await request(`/api/v1/apps/${app}/instances`, { authorization });
        const exposed = await request(`/api/v1/apps/${app}/crashes?access_token=${apiToken}`, {});
        assert.deepEqual([refused.status, exposed.status], [403, 400]);
        api.push(read.body, refused.body, exposed.body);
      }
      const metrics = await get('/metrics');
      await portal[Symbol.asyncDispose]();
      const kept =
        database === null
          ? { "the portal's database": storedBytes(place.dataDir) }
          : await postgresBytes(database.url, database.server, database.from);
      return {
        'HTTP to the portal': http.sent(),
        'HTTP from the portal': http.answered(),
        'mail of the instance': mailOfInstance.sent(),
        'mail of the portal': mailOfPortal.sent(),
        'webhook of the instance': hookOfInstance.sent(),
        'webhook of the portal': hookOfPortal.sent(),
        "the portal's log": [Buffer.from(portal.program.stdout), Buffer.from(portal.program.stderr)],
        metrics: [metrics],
        pages,
        API: api,
        ...kept,
      };
    },
    expected: {
      [CONTROL]: [...WITH_CONTROL, ...stored],
      [apiToken]: [],
      [cookie.split('=')[1] ?? '']: [],
      ...Object.fromEntries([...tokens.values()].map((token) => [token, ['HTTP to the portal']])),
      // Messages are sent to the one and signed with the other, so the database has both.
      [HOOK_ADDRESS]: ['webhook of the portal', ...stored],
      [HOOK_SECRET]: stored,
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A session and an API token of an account that sees everything. */
async function signIn(store: PortalStore): Promise<{ cookie: string; apiToken: string }> {
  const nowMs = Date.now();
  const grants = [{ app: '*', role: 'admin' as const }];
  const account = await store.createAccount({ name: 'ada', passwordHash: 'none', grants, atMs: nowMs });
  const secret = newSecret();
  const session = { secretHash: secretHash(secret), accountId: account.id, atMs: nowMs };
  await store.createSession({ ...session, expiresAtMs: nowMs + 3_600_000, userAgent: 'test' });
  const wanted = { name: 'reader', scopes: ['crashes:read' as const], apps: null, validForMs: 3_600_000 };
  const token = await createApiToken({ store, now: Date.now }, account, wanted, account.name);
  return { cookie: `crashmon=${secret}`, apiToken: token.secret };
}
