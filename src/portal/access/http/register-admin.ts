import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PortalServer } from '../../http/portal-server.ts';
import { readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore } from '../../store/access/access-store.ts';
import type { AppStore } from '../../store/read/app-store.ts';
import { accountName, NAME_SENTENCE } from '../domain/account-name.ts';
import { grantWords } from '../domain/grant-words.ts';
import { setupLink } from '../domain/links.ts';
import { NO_PASSWORD } from '../domain/passwords/password-hash.ts';
import { accountLinkPage } from '../pages/account-admin-page.ts';
import { type AdminPageData, adminPage, auditPage } from '../pages/admin-page.ts';
import { accessForm, grantOf, NAME_THE_APP } from './access-form.ts';
import { audit } from './audit.ts';
import { requireOwner } from './guards.ts';
import { contextOf } from './page-context-of.ts';
import { registerAccountAdmin } from './register-account-admin.ts';

const SOME_ENTRIES = 20;
const MOST_ENTRIES = 1000;
const owners = { preHandler: requireOwner };
const inviteForm = accessForm.extend({ name: z.string().max(200) });

/** `/admin`: accounts, invitations, audit log. */
export function registerAdmin(server: PortalServer, parts: PortalParts<AccessStore & AppStore>): void {
  const { store } = parts;

  server.get('/admin', owners, async (request, reply) => {
    const { done: code } = request.query as { done?: unknown };
    const done = code === 'removed' ? 'Account removed.' : null;
    return showAdmin(request, reply, parts, { done, error: null });
  });

  server.get('/admin/audit', owners, async (request, reply) => {
    const entries = await store.auditEntries('*', MOST_ENTRIES);
    return sendPage(reply, auditPage(entries, contextOf(request, parts)));
  });

  server.post('/admin/accounts', owners, async (request, reply) => {
    const { name: given, ...fields } = readFields(inviteForm, request.body);
    const refuse = (sentence: string) =>
      showAdmin(request, reply.code(400), parts, { done: null, error: { sentence, name: given } });
    const name = accountName(given);
    if (name === null) return refuse(NAME_SENTENCE);
    const grant = grantOf(fields);
    if (grant === null) return refuse(NAME_THE_APP);
    if ((await store.accountByName(name)) !== null)
      return refuse('An account with this name exists already. Choose another name.');
    const atMs = parts.now();
    const account = await store.createAccount({ name, passwordHash: NO_PASSWORD, grants: [grant], atMs });
    await audit(request, parts, 'invite', null, `${name}: ${grantWords(grant)}`);
    const link = await setupLink(parts, account.id);
    return sendPage(reply, accountLinkPage({ account, link, isNew: true }, contextOf(request, parts)));
  });

  registerAccountAdmin(server, parts);
}

async function showAdmin(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore & AppStore>,
  said: Pick<AdminPageData, 'done' | 'error'>,
): Promise<FastifyReply> {
  const { store } = parts;
  const context = contextOf(request, parts);
  const [accounts, counters, found] = await Promise.all([
    store.accounts(),
    store.changeCounters('*'),
    store.auditEntries('*', SOME_ENTRIES + 1),
  ]);
  const [entries, hasMoreEntries] = [found.slice(0, SOME_ENTRIES), found.length > SOME_ENTRIES];
  const apps = [...counters.keys()].toSorted();
  return sendPage(reply, adminPage({ accounts, apps, entries, hasMoreEntries, ...said }, context));
}
