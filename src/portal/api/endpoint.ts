import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import type { ApiTokenGate } from '../access/http/api-token-gate.ts';
import { type Guard, requireAdmin, requireSession, requireView } from '../access/http/guards.ts';
import { requireReader } from '../access/http/require-reader.ts';
import type { PortalServer } from '../http/portal-server.ts';
import type { ApiScope } from '../store/access/access-store.ts';
import { problem } from './schemas.ts';

/** Of a request without this part. */
type Nothing = z.ZodUndefined;

/** An endpoint as the router, the OpenAPI document and the page about the API need it. */
type TypedEndpoint<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> = {
  method: 'GET' | 'PATCH';
  /** As OpenAPI writes it. */
  path: `/api/v1/${string}`;
  summary: string;
  /** Any account, viewers of the app, or its admins. */
  access: 'session' | 'view' | 'admin';
  /** What an API token needs for it; absent: no token can. */
  scope?: ApiScope;
  params?: Params;
  querystring?: Query;
  body?: Body;
  answer: z.ZodType;
  /** @throws CrashmonError, which becomes `application/problem+json` */
  handle: (
    given: { params: z.output<Params>; query: z.output<Query>; body: z.output<Body> },
    request: FastifyRequest,
  ) => Promise<unknown>;
};
export type Endpoint = TypedEndpoint<z.ZodType, z.ZodType, z.ZodType>;

const appOf = (request: FastifyRequest) => (request.params as { app?: unknown }).app as string;
const appOrNone = ({ params }: FastifyRequest) => (params as { app?: string }).app ?? null;
const GUARDS: Readonly<Record<Endpoint['access'], Guard>> = {
  session: requireSession,
  view: requireView(appOf),
  admin: requireAdmin(appOf),
};

/** For the inference of what its handler is given. */
export function endpoint<
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(parts: TypedEndpoint<Params, Query, Body>): Endpoint {
  return parts as unknown as Endpoint;
}

export function addEndpoint(
  server: PortalServer,
  gate: ApiTokenGate,
  { method, path, summary, access, scope, answer, params, querystring, body, handle }: Endpoint,
): void {
  server.route({
    method,
    url: path.replace(/\{(\w+)\}/g, ':$1'),
    schema: {
      summary,
      ...(scope === undefined ? {} : { security: [{ session: [] }, { token: [scope] }] }),
      ...(params === undefined ? {} : { params }),
      ...(querystring === undefined ? {} : { querystring }),
      ...(body === undefined ? {} : { body }),
      response: { 200: answer, 400: problem, 401: problem, 403: problem, 404: problem },
    },
    // Access is checked before the fields are.
    preValidation: requireReader(
      gate,
      scope ?? null,
      appOrNone,
      GUARDS[access],
    ) as preHandlerAsyncHookHandler,
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const given = { params: request.params, query: request.query, body: request.body };
      const value = await handle(given, request);
      return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(value);
    },
  });
}
