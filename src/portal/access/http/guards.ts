import type { FastifyReply, FastifyRequest } from 'fastify';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Account } from '../../store/access/access-store.ts';
import { mayCreateApiTokens } from '../domain/api-token-access.ts';
import { isOwner, mayAdminister, mayView } from '../domain/roles.ts';
import { signInUrl } from '../domain/safe-next.ts';
import './session-of-request.ts';

/** A reply is answered when it is awaited, and then undefined: `reply.sent` says whether a guard answered. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
/** Which app a request is about. */
type AppOf = (request: FastifyRequest) => string;

/** As `preHandler`: browsers are redirected to the sign-in page, programs get 401. */
export const requireSession: Guard = async (request, reply) => {
  if (request.session !== null) return undefined;
  reply.header('cache-control', 'no-store');
  if (request.url.startsWith('/api/') || !/\btext\/html\b/.test(request.headers.accept ?? '')) {
    return sendProblem(reply, 401, 'Sign in, then repeat the request.');
  }
  return reply.redirect(signInUrl(request.method === 'GET' ? request.url : '/'), 303);
};

const TITLES = {
  400: 'Invalid request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Page not found',
} as const;

/** As `application/problem+json`, whatever the client accepts. */
export function sendProblem(reply: FastifyReply, status: keyof typeof TITLES, detail: string): FastifyReply {
  const problem = { type: 'about:blank', title: TITLES[status], status, detail, code: 'NOT_ALLOWED' };
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** An app without access is answered like one that does not exist. */
export function requireView(appOf: AppOf): Guard {
  return guard((account, request) => {
    if (!mayView(account, appOf(request))) throw noSuchApp();
  });
}

export function requireAdmin(appOf: AppOf): Guard {
  return guard((account, request) => {
    const app = appOf(request);
    if (!mayView(account, app)) throw noSuchApp();
    if (!mayAdminister(account, app)) throw notAllowed('Only admins of the app can do this.');
  });
}

export const requireOwner: Guard = guard((account) => {
  if (!isOwner(account)) throw notAllowed('Only owners of the portal can do this.');
});

export const requireAnyAdmin: Guard = guard((account) => {
  if (!mayCreateApiTokens(account)) throw notAllowed('Only admins of an app can do this.');
});

/** Of the session that a guard has checked. */
export function accountOf(request: FastifyRequest): Account {
  if (request.session === null) throw notAllowed('Sign in first.');
  return request.session.account;
}

/** The same answer for apps that do not exist and apps without access. */
export function noSuchApp(): CrashmonError {
  return new CrashmonError('NO_SUCH_APP', 'App not found, or your account has no access to it.');
}

function notAllowed(message: string): CrashmonError {
  return new CrashmonError('NOT_ALLOWED', message);
}

function guard(check: (account: Account, request: FastifyRequest) => void): Guard {
  return async (request, reply) => {
    await requireSession(request, reply);
    if (reply.sent) return reply;
    check(accountOf(request), request);
    return undefined;
  };
}
