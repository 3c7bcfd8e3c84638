import type { Writable } from 'node:stream';
import { type FastifyReply, type FastifyServerOptions, LogController } from 'fastify';

/** Where the log goes: one JSON object a line, as pino writes it. */
export type LogSink = Pick<Writable, 'write'>;

/** Further ones are closed as soon as they are accepted. */
export const MAX_CONNECTIONS = 16_000;

/** With more than this, responses to agents close their connections to make room for others. */
export const MANY_CONNECTIONS = 500;

/** Of forms and filters; ingest has separate limits. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Of every connection. One that sends slowly, too long headers or nothing is closed. */
export const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
} as const;

export function serverOptions(trustedProxies: readonly string[], log: LogSink): FastifyServerOptions {
  return {
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: HTTP_LIMITS.requestTimeout,
    keepAliveTimeout: HTTP_LIMITS.keepAliveTimeout,
    forceCloseConnections: 'idle',
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    // Names of apps are up to 200 characters, of which each can take twelve in an address.
    routerOptions: { maxParamLength: 2400 },
    // Addresses can hold one-time secrets: requests are logged by their routes, see log-requests.ts.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (_error, _request, reply) => refuseAddress(reply as unknown as FastifyReply),
    logger: { level: 'info', stream: log as Writable, serializers: { err: errorForLog } },
  };
}

/** The address cannot be decoded, so it has no route that could answer. */
function refuseAddress(reply: FastifyReply): void {
  const body = { type: 'about:blank', title: 'The address cannot be read', status: 400 };
  reply.code(400).type('application/problem+json').send(JSON.stringify(body));
}

/** No enumerable properties: those of database drivers hold what was to be written. */
function errorForLog(error: Error): { type: string; message: string; stack: string; code?: string } {
  const { code } = error as NodeJS.ErrnoException;
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack}` : '';
  return {
    type: error.name,
    message: error.message,
    stack: `${error.stack}${cause}`,
    ...(code === undefined ? {} : { code }),
  };
}
