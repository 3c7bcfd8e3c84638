import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { PortalServer } from '../../http/portal-server.ts';
import { paramOf, readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore, Account } from '../../store/access/access-store.ts';
import type { AppStore } from '../../store/read/app-store.ts';
import { grantWords } from '../domain/grant-words.ts';
import { setupLink } from '../domain/links.ts';
import { IDLE_MS } from '../domain/session-times.ts';
import { accountAdminPage, accountLinkPage } from '../pages/account-admin-page.ts';
import { accountUrl } from '../pages/admin-urls.ts';
import { accessForm, grantOf, NAME_THE_APP } from './access-form.ts';
import { audit } from './audit.ts';
import { requireOwner } from './guards.ts';
import { contextOf } from './page-context-of.ts';

const owners = { preHandler: requireOwner };
const takeForm = z.object({ app: z.string().max(200) });

const DONE: Readonly<Record<string, string>> = {
  given: 'Access granted.',
  taken: 'Access removed.',
  ended: 'All sessions of this account have ended.',
};

/** `/admin/accounts/:id` and its actions. */
export function registerAccountAdmin(server: PortalServer, parts: PortalParts<AccessStore & AppStore>): void {
  const { store } = parts;
  const path = '/admin/accounts/:id';

  server.get(path, owners, async (request, reply) => {
    const { done: code } = request.query as { done?: unknown };
    const done = typeof code === 'string' ? (DONE[code] ?? null) : null;
    return showAccount(request, reply, parts, { done, error: null });
  });

  server.post(`${path}/grants`, owners, async (request, reply) => {
    const grant = grantOf(readFields(accessForm, request.body));
    const account = await accountToChange(request, parts);
    if (grant === null)
      return showAccount(request, reply.code(400), parts, { done: null, error: NAME_THE_APP });
    return unlessLastOwner(request, reply, parts, async () => {
      await store.addGrant(account.id, grant);
      await audit(request, parts, 'grant-given', appOfGrant(grant), `${account.name}: ${grantWords(grant)}`);
      return reply.redirect(`${accountUrl(account.id)}?done=given`, 303);
    });
  });

  server.post(`${path}/grants/remove`, owners, async (request, reply) => {
    const { app } = readFields(takeForm, request.body);
    const account = await accountToChange(request, parts);
    const grant = account.grants.find((each) => each.app === app);
    return unlessLastOwner(request, reply, parts, async () => {
      if ((await store.removeGrant(account.id, app)) && grant !== undefined) {
        await audit(
          request,
          parts,
          'grant-taken',
          appOfGrant(grant),
          `${account.name}: ${grantWords(grant)}`,
        );
      }
      return reply.redirect(`${accountUrl(account.id)}?done=taken`, 303);
    });
  });

  server.post(`${path}/link`, owners, async (request, reply) => {
    const account = await accountToChange(request, parts);
    const link = await setupLink(parts, account.id);
    await audit(request, parts, 'link', null, account.name);
    return sendPage(reply, accountLinkPage({ account, link, isNew: false }, contextOf(request, parts)));
  });

  server.post(`${path}/sessions/end`, owners, async (request, reply) => {
    const account = await accountToChange(request, parts);
    await store.endSessionsOf(account.id);
    await audit(request, parts, 'sessions-ended', null, account.name);
    return reply.redirect(`${accountUrl(account.id)}?done=ended`, 303);
  });

  server.post(`${path}/remove`, owners, async (request, reply) => {
    const account = await accountToChange(request, parts);
    return unlessLastOwner(request, reply, parts, async () => {
      if (await store.removeAccount(account.id))
        await audit(request, parts, 'account-removed', null, account.name);
      return reply.redirect('/admin?done=removed', 303);
    });
  });
}

async function unlessLastOwner(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore & AppStore>,
  change: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof CrashmonError && error.code === 'NOT_ALLOWED')) throw error;
    return showAccount(request, reply.code(409), parts, { done: null, error: error.message });
  }
}

async function showAccount(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore & AppStore>,
  said: { done: string | null; error: string | null },
): Promise<FastifyReply> {
  const context = contextOf(request, parts);
  const account = await accountToChange(request, parts);
  const [sessions, counters] = await Promise.all([
    parts.store.sessions(account.id, context.nowMs),
    parts.store.changeCounters('*'),
  ]);
  const open = sessions.filter(({ lastSeenMs }) => context.nowMs - lastSeenMs <= IDLE_MS).length;
  const apps = [...counters.keys()].toSorted();
  return sendPage(reply, accountAdminPage({ account, apps, sessions: open, ...said }, context));
}

/** Of the address. */
async function accountToChange(
  request: FastifyRequest,
  { store }: PortalParts<AccessStore & AppStore>,
): Promise<Account> {
  const account = await store.account(paramOf(request, 'id'));
  if (account !== null) return account;
  throw new CrashmonError('NO_SUCH_ACCOUNT', 'Account not found. It may have been removed.');
}

/** The app of the audit entry. */
function appOfGrant({ app }: { app: string }): string | null {
  return app === '*' ? null : app;
}
