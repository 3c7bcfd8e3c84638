import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PortalServer } from '../../http/portal-server.ts';
import { paramOf, readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore, Account, LinkPurpose } from '../../store/access/access-store.ts';
import { accountName, NAME_SENTENCE } from '../domain/account-name.ts';
import { hashPassword } from '../domain/passwords/password-hash.ts';
import { whyNotPassword } from '../domain/passwords/password-rules.ts';
import type { PasswordWork } from '../domain/passwords/password-work.ts';
import { isSecret, secretHash } from '../domain/secrets.ts';
import { BUSY_SENTENCE, forgetAttempts } from '../domain/throttle.ts';
import { goneLinkPage, linkPage } from '../pages/link-page.ts';
import { setupPage } from '../pages/setup-page.ts';
import { startSession } from './start-session.ts';

const setupForm = z.object({
  /** Of the first account; others have one. */
  name: z.string().max(200).default(''),
  password: z.string().max(4096),
  again: z.string().max(4096),
});
const beforeSession = { config: { beforeSession: true } };

/** `/setup/:secret` and `/link/:secret`: only a POST uses a link up. */
export function registerSetup(
  server: PortalServer,
  parts: PortalParts<AccessStore>,
  work: PasswordWork,
): void {
  const { store, assetUrl } = parts;

  server.get('/setup/:secret', async (request, reply) => {
    const link = await linkOf(request, parts, 'setup');
    if (link === null) return gone(reply, parts);
    const { secret, account } = link;
    return sendPage(
      reply,
      setupPage({ assetUrl, secret, accountName: account?.name ?? null, name: '', error: null }),
    );
  });

  server.post('/setup/:secret', beforeSession, async (request, reply) => {
    const link = await linkOf(request, parts, 'setup');
    if (link === null) return gone(reply, parts);
    const { secret, account: whose } = link;
    const given = readFields(setupForm, request.body);
    const name = whose?.name ?? accountName(given.name);
    const again = (status: number, error: string) => {
      const page = { assetUrl, secret, accountName: whose?.name ?? null, name: given.name, error };
      return sendPage(reply.code(status), setupPage(page));
    };
    if (name === null) return again(400, NAME_SENTENCE);
    const why = whyNotPassword(given.password, name);
    if (why !== null) return again(400, why);
    if (given.password !== given.again) return again(400, 'The passwords do not match.');
    const passwordHash = await work.run(() => hashPassword(given.password));
    if (passwordHash === null) return again(503, BUSY_SENTENCE);
    const account = await setUp(parts, { secret, whose, name, passwordHash });
    if (account === null) return gone(reply, parts);
    await startSession(request, reply, parts, account);
    return reply.redirect('/', 303);
  });

  server.get('/link/:secret', async (request, reply) => {
    const link = await linkOf(request, parts, 'sign-in');
    if (link === null || link.account === null) return gone(reply, parts);
    return sendPage(reply, linkPage({ assetUrl, secret: link.secret, name: link.account.name }));
  });

  server.post('/link/:secret', beforeSession, async (request, reply) => {
    const secret = paramOf(request, 'secret');
    const taken = isSecret(secret)
      ? await store.takeOneTimeLink(secretHash(secret), 'sign-in', parts.now())
      : null;
    const account = taken?.accountId == null ? null : await store.account(taken.accountId);
    if (account === null) return gone(reply, parts);
    await startSession(request, reply, parts, account);
    return reply.redirect('/', 303);
  });
}

type Link = { secret: string; account: Account | null };

/** null where there is no such link now. */
async function linkOf(
  request: FastifyRequest,
  { store, now }: PortalParts<AccessStore>,
  purpose: LinkPurpose,
): Promise<Link | null> {
  const secret = paramOf(request, 'secret');
  const link = isSecret(secret) ? await store.oneTimeLink(secretHash(secret), purpose, now()) : null;
  if (link === null) return null;
  if (link.accountId === null) {
    // An account made on the command line uses all of them up.
    return (await store.accounts()).length === 0 ? { secret, account: null } : null;
  }
  const account = await store.account(link.accountId);
  return account === null ? null : { secret, account };
}

/** null where another request was first. */
async function setUp(
  parts: PortalParts<AccessStore>,
  given: { secret: string; whose: Account | null; name: string; passwordHash: string },
): Promise<Account | null> {
  const { store, now } = parts;
  const { secret, whose, name, passwordHash } = given;
  const atMs = now();
  if ((await store.takeOneTimeLink(secretHash(secret), 'setup', atMs)) === null) return null;
  if (whose === null) {
    const account = await store.createFirstAccount({ name, passwordHash, atMs });
    if (account !== null)
      await store.audit({ atMs, who: name, what: 'first-account', app: null, detail: name });
    return account;
  }
  await store.setPassword(whose.id, passwordHash);
  await store.endSessionsOf(whose.id);
  await forgetAttempts(parts, whose.name);
  await store.audit({ atMs, who: whose.name, what: 'password-set', app: null, detail: whose.name });
  return whose;
}

function gone(reply: FastifyReply, { assetUrl }: PortalParts<AccessStore>): FastifyReply {
  return sendPage(reply.code(410), goneLinkPage({ assetUrl }));
}
