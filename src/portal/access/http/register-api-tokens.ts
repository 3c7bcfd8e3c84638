import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { PortalServer } from '../../http/portal-server.ts';
import { readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore } from '../../store/access/access-store.ts';
import { API_SCOPE_NAMES } from '../domain/api-scopes.ts';
import { createApiToken, revokeApiToken } from '../domain/create-api-token.ts';
import { isOwner } from '../domain/roles.ts';
import {
  type ApiTokensPageData,
  apiTokensPage,
  newApiTokenPage,
  VALID_DAYS,
} from '../pages/api-tokens-page.ts';
import { accountOf, requireAnyAdmin } from './guards.ts';
import { contextOf } from './page-context-of.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const admins = { preHandler: requireAnyAdmin };
const scope = z.enum(API_SCOPE_NAMES);
const createForm = z.object({
  name: z.string().max(200),
  /** A form sends one of a kind as a text. */
  scope: z.union([scope.transform((one) => [one]), z.array(scope).max(10)]).default([]),
  reach: z.enum(['all', 'some']),
  apps: z.string().max(11_000).default(''),
  days: z.enum(VALID_DAYS),
});
const revokeForm = z.object({ token: z.string().max(100) });

/** `/api-tokens`: what programs read with. */
export function registerApiTokens(server: PortalServer, parts: PortalParts<AccessStore>): void {
  server.get('/api-tokens', admins, async (request, reply) => {
    const { done: code } = request.query as { done?: unknown };
    const done = code === 'revoked' ? 'Token revoked. Requests with it are refused from now on.' : null;
    return showTokens(request, reply, parts, { done, error: null });
  });

  server.post('/api-tokens', admins, async (request, reply) => {
    const { name, scope: scopes, reach, apps, days } = readFields(createForm, request.body);
    const account = accountOf(request);
    const wanted = {
      ...{ name, scopes, validForMs: Number(days) * DAY_MS },
      apps: reach === 'all' ? null : linesOf(apps),
    };
    try {
      const { secret, ...token } = await createApiToken(parts, account, wanted, account.name);
      const context = contextOf(request, parts);
      return sendPage(reply, newApiTokenPage({ token, secret, portalUrl: parts.baseUrl() }, context));
    } catch (error) {
      if (!(error instanceof CrashmonError && error.code === 'BAD_REQUEST')) throw error;
      const form = { name, scopes, reach, apps, days };
      return showTokens(request, reply.code(400), parts, {
        done: null,
        error: { sentence: error.message, form },
      });
    }
  });

  server.post('/api-tokens/revoke', admins, async (request, reply) => {
    const { token: id } = readFields(revokeForm, request.body);
    const token = (await ownTokens(request, parts)).find((each) => each.id === id);
    // The token of another account is answered like one that does not exist.
    if (token === undefined) throw new CrashmonError('NO_SUCH_ACCOUNT', 'API token not found.');
    await revokeApiToken(parts, token, accountOf(request).name);
    return reply.redirect('/api-tokens?done=revoked', 303);
  });
}

/** Those that the account can see and revoke. */
async function ownTokens(request: FastifyRequest, { store }: PortalParts<AccessStore>) {
  const account = accountOf(request);
  return store.apiTokens(isOwner(account) ? '*' : account.id);
}

async function showTokens(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore>,
  said: Pick<ApiTokensPageData, 'done' | 'error'>,
): Promise<FastifyReply> {
  const account = accountOf(request);
  const [tokens, accounts] = await Promise.all([
    ownTokens(request, parts),
    isOwner(account) ? parts.store.accounts() : [account],
  ]);
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  return sendPage(reply, apiTokensPage({ tokens, names, ...said }, contextOf(request, parts)));
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
