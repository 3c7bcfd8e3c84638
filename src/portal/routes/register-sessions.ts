import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { MOST_REQUESTED_DUMPS, REQUESTED, type RemoteRequest } from '../../model/remote-request.ts';
import { mayAdminister } from '../access/domain/roles.ts';
import { audit } from '../access/http/audit.ts';
import { accountOf, requireAdmin, requireView } from '../access/http/guards.ts';
import { contextOf } from '../access/http/page-context-of.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { appOf, readFields } from '../http/read-fields.ts';
import { sendPage } from '../http/send-page.ts';
import { sessionsSince } from '../insight/group-dumps.ts';
import { MOST_REQUESTED_HOURS } from '../pages/request-form.ts';
import { sessionsPage } from '../pages/sessions-page.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { AuditStore } from '../store/access/access-store.ts';
import type { ReadStore } from '../store/portal-store.ts';
import type { RequestStore } from '../store/requests/request-store.ts';
import { sessionsUrl } from '../urls.ts';
import { changeVersion } from './change-version.ts';

const HOUR_MS = 3_600_000;

const query = z.object({ instance: z.string().max(300).optional() });
const form = z.object({
  instance: z.string().trim().min(1).max(300),
  what: z.enum(REQUESTED),
  maxDumps: z.coerce.number().int().min(1).max(MOST_REQUESTED_DUMPS).default(3),
  hours: z.coerce.number().int().min(1).max(MOST_REQUESTED_HOURS).default(24),
});

const NOT_ADDED = {
  'no-instance': 'There is no such instance.',
  'waits-already': 'The instance has been asked for this, and has not answered so far.',
  'too-many': 'Too many requests wait for instances of this app. Try again in an hour.',
} as const;

/** The page of sessions, and what admins ask instances for. */
export function registerSessions(
  server: PortalServer,
  parts: PortalParts<ReadStore & RequestStore & AuditStore>,
): void {
  const { store } = parts;

  server.get('/apps/:app/sessions', { preHandler: requireView(appOf) }, async (request, reply) => {
    const app = appOf(request);
    const context = contextOf(request, parts);
    const version = await changeVersion(store, context.account, app);
    const { instance = null } = readFields(query, request.query);
    const mayAsk = mayAdminister(context.account, app);
    const [sessions, instances] = await Promise.all([
      store.dumpSessions(app, sessionsSince(context.nowMs), context.nowMs),
      mayAsk ? store.instances(app, context.nowMs) : [],
    ]);
    const takesDumps = parts.settings.dumpBytes !== undefined;
    const form = mayAsk ? { instances, chosen: instance, takesDumps } : null;
    const data = { app, ...sessions, form, takesDumps, mayDownload: mayAsk && takesDumps };
    return sendPage(reply, sessionsPage(data, { ...context, version }));
  });

  server.post('/apps/:app/sessions/requests', { preHandler: requireAdmin(appOf) }, async (request, reply) =>
    ask(request, reply, parts),
  );
}

async function ask(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<RequestStore & AuditStore>,
): Promise<FastifyReply> {
  const app = appOf(request);
  const { instance, what, maxDumps, hours } = readFields(form, request.body);
  const { id: account, name: who } = accountOf(request);
  const id = randomBytes(6).toString('hex');
  const forMs = hours * HOUR_MS;
  const asked: RemoteRequest =
    what === 'arm' ? { id, account, what } : { id, account, what, maxDumps, forMs };
  const problem = await parts.store.addRequest(app, { request: asked, instance, who, atMs: parts.now() });
  if (problem !== null) throw new CrashmonError('BAD_REQUEST', NOT_ADDED[problem]);
  const limits = what === 'arm' ? '' : `: ${plural(maxDumps, 'dump')}, ${formatDuration(forMs)}`;
  await audit(request, parts, `${what}-asked`, app, `${instance}${limits}`);
  return reply.redirect(sessionsUrl(app), 303);
}
