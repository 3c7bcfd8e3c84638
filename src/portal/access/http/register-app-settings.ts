import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { PortalServer } from '../../http/portal-server.ts';
import { appOf, readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore } from '../../store/access/access-store.ts';
import { settingsUrl } from '../../urls.ts';
import { typedName } from '../domain/account-name.ts';
import { requireAppName } from '../domain/app-name.ts';
import { createIngestToken, revokeIngestToken } from '../domain/create-ingest-token.ts';
import { mayView } from '../domain/roles.ts';
import { newTokenPage } from '../pages/new-token-page.ts';
import { type SettingsPageData, settingsPage } from '../pages/settings-page.ts';
import { audit } from './audit.ts';
import { accountOf, noSuchApp, requireAdmin } from './guards.ts';
import { contextOf } from './page-context-of.ts';

const ENTRIES = 50;

const MOST_TOKENS = 100;
const requireAppAdmin = requireAdmin(appOf);
const administer = {
  preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
    await requireAppAdmin(request, reply);
    if (reply.sent) return reply;
    // `*` means all apps; it has neither tokens nor accounts.
    if (appOf(request) === '*') throw noSuchApp();
    return undefined;
  },
};
const tokenForm = z.object({ label: z.string().max(100) });
const revokeForm = z.object({ token: z.string().max(100) });
const personForm = z.object({ name: z.string().max(200), role: z.enum(['viewer', 'admin']) });
const removeForm = z.object({ account: z.string().max(100) });

const DONE: Readonly<Record<string, string>> = {
  revoked: 'Token revoked. Data sent with it is rejected from now on.',
  person: 'Access granted.',
  removed: 'Access removed.',
};

/** `/apps/:app/settings`: tokens and access of one app. */
export function registerAppSettings(server: PortalServer, parts: PortalParts<AccessStore>): void {
  const { store } = parts;

  server.get('/apps/:app/settings', administer, async (request, reply) => {
    const { done: code } = request.query as { done?: unknown };
    const done = typeof code === 'string' ? (DONE[code] ?? null) : null;
    return showSettings(request, reply, parts, { done, error: null });
  });

  server.post('/apps/:app/settings/tokens', administer, async (request, reply) => {
    const app = appOf(request);
    const label = readFields(tokenForm, request.body).label.trim();
    requireAppName(app);
    const tokens = await store.tokens(app);
    if (tokens.filter(({ revokedAtMs }) => revokedAtMs === null).length >= MOST_TOKENS)
      throw new CrashmonError(
        'BAD_REQUEST',
        `An app can have up to ${MOST_TOKENS} tokens. Revoke one first.`,
      );
    const { secret } = await createIngestToken(parts, { app, label, by: accountOf(request).name });
    const context = contextOf(request, parts);
    return sendPage(reply, newTokenPage({ app, secret, portalUrl: parts.baseUrl() }, context));
  });

  server.post('/apps/:app/settings/tokens/revoke', administer, async (request, reply) => {
    const app = appOf(request);
    const { token: id } = readFields(revokeForm, request.body);
    const token = (await store.tokens(app)).find((each) => each.id === id);
    if (token === undefined) throw new CrashmonError('NO_SUCH_ACCOUNT', 'Token not found for this app.');
    await revokeIngestToken(parts, token, accountOf(request).name);
    return reply.redirect(`${settingsUrl(app)}?done=revoked`, 303);
  });

  server.post('/apps/:app/settings/people', administer, async (request, reply) => {
    const app = appOf(request);
    const { name, role } = readFields(personForm, request.body);
    requireAppName(app);
    const account = await store.accountByName(typedName(name));
    if (account === null) {
      const sentence = 'No account has this name. Check the spelling, or have it invited first.';
      return showSettings(request, reply.code(400), parts, { done: null, error: { sentence, name } });
    }
    await store.addGrant(account.id, { app, role });
    await audit(request, parts, 'grant-given', app, `${account.name}: ${role}`);
    return reply.redirect(`${settingsUrl(app)}?done=person`, 303);
  });

  server.post('/apps/:app/settings/people/remove', administer, async (request, reply) => {
    const app = appOf(request);
    const { account: id } = readFields(removeForm, request.body);
    const account = await store.account(id);
    if (account !== null && (await store.removeGrant(id, app)))
      await audit(request, parts, 'grant-taken', app, account.name);
    // An account that removed its own access no longer sees the app.
    const isOwn = id === accountOf(request).id;
    return reply.redirect(isOwn ? '/' : `${settingsUrl(app)}?done=removed`, 303);
  });
}

async function showSettings(
  request: FastifyRequest,
  reply: FastifyReply,
  { store, ...rest }: PortalParts<AccessStore>,
  said: Pick<SettingsPageData, 'done' | 'error'>,
): Promise<FastifyReply> {
  const app = appOf(request);
  const [tokens, accounts, entries] = await Promise.all([
    store.tokens(app),
    store.accounts(),
    store.auditEntries(app, ENTRIES),
  ]);
  const people = accounts.filter((account) => mayView(account, app));
  const context = contextOf(request, { store, ...rest });
  return sendPage(reply, settingsPage({ app, tokens, people, entries, ...said }, context));
}
