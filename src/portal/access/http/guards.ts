import type { FastifyReply, FastifyRequest } from 'fastify';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Account } from '../../store/access/access-store.ts';
import { isOwner, mayAdminister, mayView } from '../domain/roles.ts';
import { signInUrl } from '../domain/safe-next.ts';
import './session-of-request.ts';

type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
/** Which app a request is about. */
type AppOf = (request: FastifyRequest) => string;

/** As `preHandler`: people are sent to sign in, programs get 401. */
export const requireSession: Guard = async (request, reply) => {
  if (request.session !== null) return undefined;
  reply.header('cache-control', 'no-store');
  if (request.url.startsWith('/api/') || !/\btext\/html\b/.test(request.headers.accept ?? '')) {
    const detail = 'Sign in first; then the same request is answered.';
    return reply
      .code(401)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: 'about:blank',
          title: 'Sign in first',
          status: 401,
          detail,
          code: 'NOT_ALLOWED',
        }),
      );
  }
  return reply.redirect(signInUrl(request.method === 'GET' ? request.url : '/'), 303);
};

/** An app that the account may not see is answered like one that does not exist. */
export function requireView(appOf: AppOf): Guard {
  return guard((account, request) => {
    if (!mayView(account, appOf(request))) throw noSuchApp();
  });
}

export function requireAdmin(appOf: AppOf): Guard {
  return guard((account, request) => {
    const app = appOf(request);
    if (!mayView(account, app)) throw noSuchApp();
    if (!mayAdminister(account, app))
      throw notAllowed('This is for administrators of the app. Ask one of them.');
  });
}

export const requireOwner: Guard = guard((account) => {
  if (!isOwner(account)) throw notAllowed('This is for owners of the portal. Ask one of them.');
});

/** Of the session that a guard has seen to. */
export function accountOf(request: FastifyRequest): Account {
  if (request.session === null) throw notAllowed('Sign in first.');
  return request.session.account;
}

/** The one answer about apps that are not there or not to be seen. */
export function noSuchApp(): CrashmonError {
  return new CrashmonError('NO_SUCH_APP', 'There is no such app, or your account may not see it.');
}

function notAllowed(message: string): CrashmonError {
  return new CrashmonError('NOT_ALLOWED', message);
}

function guard(check: (account: Account, request: FastifyRequest) => void): Guard {
  return async (request, reply) => {
    const answered = await requireSession(request, reply);
    if (answered !== undefined) return answered;
    check(accountOf(request), request);
    return undefined;
  };
}
