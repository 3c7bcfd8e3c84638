import { randomBytes } from 'node:crypto';
import { newIngestToken } from '../../../src/portal/access/domain/ingest-token.ts';
import { newSecret, secretHash } from '../../../src/portal/access/domain/secrets.ts';
import type { PortalParts, PortalSettings } from '../../../src/portal/portal-parts.ts';
import { startPortal } from '../../../src/portal/start/run-portal.ts';
import type { Grant } from '../../../src/portal/store/access/access-store.ts';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { startCrashmon } from '../crashmon.ts';
import type { RunningProgram } from '../run-program.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const HOUR_MS = 3_600_000;

export type TestPortalOptions = {
  /** `postgres://…`; SQLite in a directory of the test's own without it. */
  database?: string | null;
  /** Whose token comes along; `shop` without it. */
  app?: string;
  settings?: Partial<PortalSettings>;
};

export type TestPortal = AsyncDisposable & {
  /** Without a slash at the end. */
  url: string;
  /** Of the app, to be sent as `Authorization: Bearer …`. */
  token: string;
  dataDir: string;
  store: PortalStore;
  parts: PortalParts;
  setupLink: string | null;
  /** What the portal logged so far: one JSON object a line. */
  log(): string;
  newToken(app: string): Promise<string>;
  /** A `Cookie` header of a new account, which by default can see and administer every app. */
  signIn(grants?: Grant[]): Promise<string>;
};

/** A whole portal in this process, on a port of its own. */
export async function startTestPortal(options: TestPortalOptions = {}): Promise<TestPortal> {
  const { database = null, app = 'shop' } = options;
  const directory = await temporaryDirectory('portal');
  const settings = { ...plainSettings(directory.path), databaseUrl: database, ...options.settings };
  let said = '';
  const portal = await startPortal(settings, {
    write(text: string) {
      said += text;
      return true;
    },
  });
  const { store } = portal.parts;
  return {
    url: portal.url,
    token: await newToken(store, app),
    dataDir: directory.path,
    store,
    parts: portal.parts,
    setupLink: portal.setupLink,
    log: () => said,
    newToken: (name) => newToken(store, name),
    signIn: (grants) => signIn(store, grants),
    async [Symbol.asyncDispose]() {
      await closing(portal);
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Where the data of a portal lies; `database` as in `TestPortalOptions`. */
export type TestPortalPlace = { dataDir: string; database?: string | null };

export type PortalProcess = AsyncDisposable & {
  url: string;
  setupLink: string | null;
  program: RunningProgram;
};

/** `crashmon portal` as a program of its own, to be killed at will; several can be started over one place. */
export async function startPortalProcess(
  place: TestPortalPlace,
  {
    args = [],
    port = 0,
    deadlineMs = 120_000,
    env = {},
  }: { args?: string[]; port?: number; deadlineMs?: number; env?: Record<string, string> } = {},
): Promise<PortalProcess> {
  const where = ['--data-dir', place.dataDir, ...(place.database ? ['--database', place.database] : [])];
  const program = startCrashmon(['portal', '--json', '--port', `${port}`, ...where, ...args], {
    stateDir: place.dataDir,
    deadlineMs,
    env,
  });
  try {
    const listening = program.waitForLine('stdout', /^\{.*"event":"listening".*$/);
    const [line] = await Promise.race([listening, ended(program)]);
    const { url, setupLink } = JSON.parse(line) as { url: string; setupLink: string | null };
    return { url, setupLink, program, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

/** The store of a place, beside the portals that use it. */
export async function withStore<Result>(
  { dataDir, database = null }: TestPortalPlace,
  use: (store: PortalStore) => Promise<Result>,
): Promise<Result> {
  const store = await openPortalStore({ dataDir, databaseUrl: database, retentionDays: 90 });
  try {
    return await use(store);
  } finally {
    await closing(store);
  }
}

export async function newToken(store: PortalStore, app: string): Promise<string> {
  const { token, secretHash } = newIngestToken();
  await store.createToken({ app, label: 'test', secretHash, by: 'test', atMs: Date.now() });
  return token;
}

/** @returns a `Cookie` header */
async function signIn(store: PortalStore, grants: Grant[] = [{ app: '*', role: 'admin' }]): Promise<string> {
  const nowMs = Date.now();
  const name = `someone-${randomBytes(4).toString('hex')}`;
  const account = await store.createAccount({ name, passwordHash: 'none', grants, atMs: nowMs });
  const secret = newSecret();
  await store.createSession({
    secretHash: secretHash(secret),
    accountId: account.id,
    atMs: nowMs,
    expiresAtMs: nowMs + HOUR_MS,
    userAgent: 'test',
  });
  return `crashmon=${secret}`;
}

function plainSettings(dataDir: string): PortalSettings {
  return {
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    databaseUrl: null,
    dataDir,
    tls: null,
    trustedProxies: [],
    retentionDays: 90,
    metricsToken: null,
  };
}

/** The threads of SQLite keep no process alive, and closing has to wait for them. */
async function closing(open: { close(): Promise<void> }): Promise<void> {
  const alive = setInterval(() => {}, 1000);
  try {
    await open.close();
  } finally {
    clearInterval(alive);
  }
}

async function ended(program: RunningProgram): Promise<never> {
  const { stderr } = await program.exited;
  throw new Error(`The portal did not start:\n${stderr}`);
}
