import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { newIngestToken } from '../../src/portal/access/domain/ingest-token.ts';
import { newSecret, secretHash } from '../../src/portal/access/domain/secrets.ts';
import { openPortalStore } from '../../src/portal/store/open-portal-store.ts';
import { type StartedProcess, startProcess } from '../processes/started-process.ts';
import { SEEDED, type SeedPlace } from './portal-seed.ts';

export type BenchPortal = AsyncDisposable & {
  /** Without a trailing slash. */
  url: string;
  pid: number;
  token: string;
  /** Of a signed-in account. */
  cookie: string;
};

const HOURS_MS = 6 * 3_600_000;

/** A `crashmon portal` process with an ingest token and a signed-in account. */
export async function startPortal(place: SeedPlace, cli: readonly string[]): Promise<BenchPortal> {
  const { token, cookie } = await makeAccess(place);
  const database = place.databaseUrl === null ? [] : ['--database', place.databaseUrl];
  const command = [...cli, 'portal', '--json', '--port', '0', '--data-dir', place.dataDir, ...database];
  const program = startProcess(command, { stdio: ['ignore', 'pipe', 'inherit'], deadlineMs: 1_800_000 });
  const url = await listening(program);
  return { url, pid: program.pid, token, cookie, [Symbol.asyncDispose]: () => stop(program) };
}

/** Stopped as a service is, so that it writes everything to its database. */
async function stop(program: StartedProcess): Promise<void> {
  program.child.kill('SIGTERM');
  await program.exited;
  await program[Symbol.asyncDispose]();
}

async function listening({ child }: StartedProcess): Promise<string> {
  if (child.stdout === null) throw new Error('it has no pipes');
  for await (const line of createInterface(child.stdout)) {
    const { event, url } = JSON.parse(line) as { event?: string; url?: string };
    if (event !== 'listening' || url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error('the portal did not start');
}

async function makeAccess(place: SeedPlace): Promise<{ token: string; cookie: string }> {
  const store = await openPortalStore({ ...place, retentionDays: SEEDED.days });
  try {
    const atMs = Date.now();
    const { token, secretHash: tokenHash } = newIngestToken();
    await store.createToken({ app: SEEDED.app, label: 'bench', secretHash: tokenHash, by: 'bench', atMs });
    const name = `bench-${randomBytes(4).toString('hex')}`;
    const grants = [{ app: '*', role: 'admin' as const }];
    const account = await store.createAccount({ name, passwordHash: 'none', grants, atMs });
    const secret = newSecret();
    await store.createSession({
      ...{ secretHash: secretHash(secret), accountId: account.id, atMs, expiresAtMs: atMs + HOURS_MS },
      userAgent: 'bench',
    });
    return { token, cookie: `crashmon=${secret}` };
  } finally {
    await store.close();
  }
}
