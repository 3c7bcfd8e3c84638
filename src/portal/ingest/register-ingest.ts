import type { FastifyReply, FastifyRequest } from 'fastify';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { MANY_CONNECTIONS } from '../http/server-options.ts';
import type { PortalParts } from '../portal-parts.ts';
import { refusalAnswer, successAnswer, type WireAnswer } from './answers.ts';
import { wireFormatOf } from './decode-request.ts';
import { INGEST_LIMITS, type IngestLimits } from './ingest-limits.ts';
import { otlpSchema } from './otlp-schema.ts';
import { DumpReceiver } from './receive-dumps.ts';
import { type IngestStore, LogsReceiver } from './receive-logs.ts';
import { Refusal, type RefusalStatus, RPC_CODES, soon } from './refusal.ts';

const ROUTE = '/v1/logs';
const DUMP_ROUTE = '/v1/dumps/:uid';
const OTHER_METHODS = ['GET', 'PUT', 'PATCH', 'DELETE'];

/**
 * `POST /v1/logs` of OTLP/HTTP: records of agents, and crashes of any other OpenTelemetry sender. `PUT /v1/dumps/UID`: encrypted dumps
 * that were asked for in an answer.
 */
export async function registerIngest(
  server: PortalServer,
  parts: PortalParts<IngestStore>,
  limits: IngestLimits = INGEST_LIMITS,
): Promise<void> {
  const schema = otlpSchema();
  const receiver = new LogsReceiver(parts, limits);
  const dumps = new DumpReceiver(parts, receiver, limits);
  const { metrics } = receiver;
  // `LogsReceiver` reads bodies, once there is room for them.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));
  server.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    metrics.refusedRequest(refusal.status);
    if (refusal.status >= 500 && !(error instanceof Refusal)) logFailure(parts, error, refusal);
    if (refusal.retryAfterS !== null) reply.header('retry-after', `${refusal.retryAfterS}`);
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
    return send(reply, refusalAnswer(refusal, formatOf(request), schema));
  });
  // Idle connections of ten thousand agents would take memory for nothing.
  server.addHook('onRequest', async (_request, reply) => {
    if (parts.openConnections() > MANY_CONNECTIONS) reply.header('connection', 'close');
  });
  server.post(ROUTE, async (request, reply) => {
    const startedMs = performance.now();
    try {
      const format = formatOf(request);
      if (format === null) {
        throw new Refusal(415, 'Content-Type must be application/json or application/x-protobuf.');
      }
      const received = await receiver.receive({ raw: request.raw, address: request.ip, format });
      return send(reply, successAnswer(received, format, schema));
    } finally {
      metrics.took(performance.now() - startedMs);
    }
  });
  server.put<{ Params: { uid: string } }>(DUMP_ROUTE, async (request, reply) => {
    const { raw, ip: address, params, query } = request;
    const next = await dumps.receive({ raw, address, uid: params.uid, query });
    return reply.header('cache-control', 'no-store').send({ next });
  });
  server.route({
    method: OTHER_METHODS,
    url: ROUTE,
    handler: async (_request, reply) => {
      reply.header('allow', 'POST');
      throw new Refusal(405, 'Records are sent with POST.');
    },
  });
}

function formatOf({ headers }: FastifyRequest): ReturnType<typeof wireFormatOf> {
  return wireFormatOf(headers['content-type']);
}

function send(reply: FastifyReply, { status, contentType, body }: WireAnswer): FastifyReply {
  return reply
    .code(status)
    .header('content-type', contentType)
    .header('cache-control', 'no-store')
    .send(body);
}

/** Errors of the database and internal errors go to the log only. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof CrashmonError && error.code === 'DATABASE_UNUSABLE') {
    return new Refusal(
      503,
      'The database cannot be reached or written. Nothing is lost: send the request again.',
      soon(5),
    );
  }
  const given = (error as { statusCode?: unknown } | null)?.statusCode;
  if (isRefusalStatus(given) && given < 500) return new Refusal(given, 'The request cannot be read.');
  return new Refusal(500, 'Internal error: see the log of the portal.');
}

function isRefusalStatus(status: unknown): status is RefusalStatus {
  return typeof status === 'number' && status in RPC_CODES;
}

function logFailure({ log }: PortalParts<IngestStore>, error: unknown, { status }: Refusal): void {
  log.error({ err: error, route: ROUTE, status }, 'records could not be stored');
}
