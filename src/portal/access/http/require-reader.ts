import type { FastifyReply, FastifyRequest } from 'fastify';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Account, ApiScope } from '../../store/access/access-store.ts';
import type { ApiTokenGate } from './api-token-gate.ts';
import { accountOf, type Guard, sendProblem } from './guards.ts';
import './session-of-request.ts';

/**
 * As `preValidation` of what programs can ask: with an API token that has the scope, else `otherwise`. A request with a token
 * has no session, whatever cookie it brings along.
 *
 * @param scope null: no token can
 */
export function requireReader(
  gate: ApiTokenGate,
  scope: ApiScope | null,
  appOf: (request: FastifyRequest) => string | null,
  otherwise: Guard,
): Guard {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const entered = await gate.enter(request, { scope, app: appOf(request) });
    if (entered === null) return otherwise(request, reply);
    request.session = null;
    request.csrfToken = null;
    if (entered.is === 'refused') return sendProblem(reply, entered.status, entered.detail);
    request.reader = entered.account;
    return undefined;
  };
}

/** Of the token or the session that a guard has checked: what it can see. */
export function readerOf(request: FastifyRequest): Account {
  return request.reader ?? accountOf(request);
}

/** Of a request for `/metrics` without an API token. */
export const refuseMetrics: Guard = async () => {
  throw new CrashmonError(
    'NOT_ALLOWED',
    'Metrics can only be read on this machine. Elsewhere, send an API token with the scope metrics:read, or CRASHMON_METRICS_TOKEN if it is set, as a bearer token.',
  );
};
