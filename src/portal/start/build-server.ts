import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import fastifyCompress from '@fastify/compress';
import fastifyCookie from '@fastify/cookie';
import fastifyFormbody from '@fastify/formbody';
import fastifyHelmet from '@fastify/helmet';
import fastify, { type FastifyHttpsOptions } from 'fastify';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { ApiTokenGate } from '../access/http/api-token-gate.ts';
import { registerAccess } from '../access/http/register-access.ts';
import { registerAccessPages } from '../access/http/register-access-pages.ts';
import { refuseMetrics, requireReader } from '../access/http/require-reader.ts';
import { registerApi } from '../api/register-api.ts';
import { registerAssets } from '../http/assets.ts';
import { addErrorAnswers } from '../http/error-answers.ts';
import { limitRequests } from '../http/limit-requests.ts';
import { logRequests } from '../http/log-requests.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { registerHealth } from '../http/register-health.ts';
import { registerMetrics } from '../http/register-metrics.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { HTTP_LIMITS, type LogSink, MAX_CONNECTIONS, serverOptions } from '../http/server-options.ts';
import { registerIngest } from '../ingest/register-ingest.ts';
import { registerNotifications } from '../notifications/http/register-notifications.ts';
import type { PortalParts, PortalSettings } from '../portal-parts.ts';
import { registerPages } from '../routes/register-pages.ts';

/** The bare server with its limits and its log; nothing is answered yet. */
export function bareServer(settings: PortalSettings, log: LogSink): PortalServer {
  const options = serverOptions(settings.trustedProxies, log);
  const { keepAliveTimeout: _, ...http } = HTTP_LIMITS;
  // The types of a server with TLS differ in nothing that is used here.
  const server =
    settings.tls === null
      ? fastify({ ...options, http })
      : (fastify({
          ...(options as unknown as FastifyHttpsOptions<Server>),
          https: { ...http, ...certificate(settings.tls) },
        }) as unknown as PortalServer);
  server.server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** Adds everything the portal answers. People and agents share nothing but headers and error pages. */
export async function addParts(
  server: PortalServer,
  parts: PortalParts,
  assetsPrefix: string,
): Promise<void> {
  await server.register(fastifyHelmet, securityHeaders(parts.isSecure));
  addErrorAnswers(server, parts);
  logRequests(server, parts);
  await server.register(async (scope) => registerIngest(scope, parts));
  const gate = new ApiTokenGate(parts);
  await server.register(async (scope) => {
    limitRequests(scope, parts);
    registerMetrics(
      scope,
      parts,
      requireReader(gate, 'metrics:read', () => null, refuseMetrics),
    );
  });
  await server.register(async (scope) => {
    registerHealth(scope, parts);
    await registerAssets(scope, assetsPrefix);
  });
  await server.register(async (scope) => {
    // A request can be refused while it is parsed, after its head was read: its connection has no address any more.
    scope.addHook('onRequest', async ({ raw }, reply) => {
      if (raw.socket.destroyed) reply.hijack();
    });
    await scope.register(fastifyCompress, { globalDecompression: false });
    await scope.register(fastifyCookie);
    await scope.register(fastifyFormbody);
    limitRequests(scope, parts);
    await registerAccess(scope, parts);
    registerAccessPages(scope, parts);
    await registerPages(scope, parts);
    registerNotifications(scope, parts);
    await registerApi(scope, parts, gate);
  });
}

function certificate({ certPath, keyPath }: { certPath: string; keyPath: string }) {
  const pair = { cert: readOrRefuse(certPath), key: readOrRefuse(keyPath) };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new CrashmonError(
      'PORTAL_UNUSABLE',
      `${certPath} and ${keyPath} are not a certificate and its unencrypted key, both as PEM: check --tls-cert and --tls-key.`,
      { cause: error },
    );
  }
  return pair;
}

function readOrRefuse(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CrashmonError(
      'PORTAL_UNUSABLE',
      `Cannot read ${file} (${code}): check --tls-cert and --tls-key.`,
      {
        cause: error,
      },
    );
  }
}
