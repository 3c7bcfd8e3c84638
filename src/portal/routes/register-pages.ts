import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { mayAdminister, visibleApps } from '../access/domain/roles.ts';
import { requireAdmin, requireSession, requireView } from '../access/http/guards.ts';
import { contextOf } from '../access/http/page-context-of.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { appOf, readFields } from '../http/read-fields.ts';
import { sendPage } from '../http/send-page.ts';
import { csvExport, jsonExport } from '../insight/export-history.ts';
import { sessionsSince } from '../insight/group-dumps.ts';
import { rangeChoice, timeRange } from '../insight/ranges.ts';
import { appsPage, newAppPage } from '../pages/apps-page.ts';
import { crashesPage } from '../pages/crashes-page.ts';
import { historyPage } from '../pages/history-page.ts';
import { instancePage } from '../pages/instance-page.ts';
import { findInstances, instancesPage } from '../pages/instances-page.ts';
import { signaturePage } from '../pages/signature-page.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { AuditStore, SessionStore } from '../store/access/access-store.ts';
import type { CopyStore } from '../store/copies/copy-store.ts';
import { AHEAD_MS } from '../store/limits.ts';
import type { ReadStore } from '../store/portal-store.ts';
import type { RequestStore } from '../store/requests/request-store.ts';
import { settingsUrl, signatureUrl } from '../urls.ts';
import { changeVersion } from './change-version.ts';
import { crashFilter, historyQuerySchema } from './history-query.ts';
import { loadCrashesPage } from './load-crashes-page.ts';
import { registerDumps } from './register-dumps.ts';
import { registerLive } from './register-live.ts';
import { registerSessions } from './register-sessions.ts';

const PAGE_SIZE = 50;
const view = { preHandler: requireView(appOf) };
const administer = { preHandler: requireAdmin(appOf) };

const crashesQuery = z.object({
  range: z.string().max(10).optional(),
  crash: z.string().max(200).optional(),
});
const findQuery = z.object({
  find: z.string().trim().max(100).default(''),
  replaced: z.string().max(10).default(''),
});
const newAppQuery = z.object({ app: z.string().trim().min(1).max(100).optional() });
const noteBody = z.object({ note: z.string().max(4000) });
const resolveBody = z.object({ resolved: z.enum(['yes', 'no']) });

/** Routes of all pages that people look at, and of what these load. */
export function registerPages(
  server: PortalServer,
  parts: PortalParts<ReadStore & RequestStore & CopyStore & AuditStore & SessionStore>,
): void {
  const { store } = parts;
  registerLive(server, parts);

  server.get('/', { preHandler: requireSession }, async (request, reply) => {
    const context = contextOf(request, parts);
    const version = await changeVersion(store, context.account, null);
    const apps = await store.apps(visibleApps(context.account), context.nowMs);
    return sendPage(reply, appsPage(apps, parts.baseUrl(), { ...context, version }));
  });

  server.get('/new-app', { preHandler: requireSession }, async (request, reply) => {
    const { app } = readFields(newAppQuery, request.query);
    if (app !== undefined) return reply.redirect(settingsUrl(app), 303);
    return sendPage(reply, newAppPage(parts.baseUrl(), contextOf(request, parts)));
  });

  server.get('/apps/:app', view, async (request, reply) => {
    const context = await appContext(request, parts);
    const data = await loadCrashesPage(
      store,
      appOf(request),
      readFields(crashesQuery, request.query),
      context.nowMs,
    );
    return sendPage(reply, crashesPage(data, parts.baseUrl(), context));
  });

  server.get('/apps/:app/instances', view, async (request, reply) => {
    const context = await appContext(request, parts);
    const { find, replaced } = readFields(findQuery, request.query);
    const app = appOf(request);
    const found = findInstances(
      await store.instances(app, context.nowMs),
      { find, withReplaced: replaced === 'shown' },
      context.nowMs,
    );
    const names = found.shown.map(({ instance }) => instance);
    const days = await store.instanceDays(app, names, context.nowMs);
    return sendPage(reply, instancesPage(app, found, days, find, context));
  });

  server.get('/apps/:app/instances/:instance', view, async (request, reply) => {
    const context = await appContext(request, parts);
    const [app, name] = [appOf(request), (request.params as { instance: string }).instance];
    const instance = await store.instance(app, name, context.nowMs);
    if (instance === null)
      throw missing('There is no such instance. It may not have reported for as long as is kept.');
    const range = { fromMs: 0, toMs: context.nowMs + AHEAD_MS };
    const [days, changes, crashes, sessions] = await Promise.all([
      store.instanceDays(app, [name], context.nowMs),
      store.stateChanges(app, name, 30),
      store.crashes(app, { range, instance: name }, 20),
      store.dumpSessions(app, sessionsSince(context.nowMs), context.nowMs, name),
    ]);
    return sendPage(
      reply,
      instancePage({ app, instance, days: days.get(name) ?? [], changes, crashes, sessions }, context),
    );
  });

  registerSessions(server, parts);
  if (parts.settings.dumpBytes !== undefined) registerDumps(server, parts);
  registerSignature(server, parts);
  registerHistory(server, parts);
}

function registerSignature(
  server: PortalServer,
  parts: PortalParts<ReadStore & RequestStore & CopyStore & AuditStore & SessionStore>,
): void {
  const { store } = parts;
  server.get('/apps/:app/signatures/:signature', view, async (request, reply) => {
    const context = await appContext(request, parts);
    const [app, id] = [appOf(request), signatureOf(request)];
    const signature = await store.signature(app, id, context.nowMs);
    if (signature === null)
      throw missing('There is no such signature. Its crashes may have been removed with their retention.');
    const range = { fromMs: 0, toMs: context.nowMs + AHEAD_MS };
    const shown = rangeChoice('15d');
    const [crashes, timeline] = await Promise.all([
      store.crashes(app, { range, signature: id }, 20),
      store.timeline(app, timeRange(shown, context.nowMs), shown.bucketMs, id),
    ]);
    const mayWrite = mayAdminister(context.account, app);
    return sendPage(reply, signaturePage({ app, signature, timeline, crashes, mayWrite }, context));
  });

  server.post('/apps/:app/signatures/:signature/note', administer, async (request, reply) => {
    const [app, id] = [appOf(request), signatureOf(request)];
    const { note } = readFields(noteBody, request.body);
    if (!(await store.setNote(app, id, note.replaceAll('\r\n', '\n'))))
      throw missing('There is no such signature.');
    await audit(request, parts, 'note', id);
    return reply.redirect(signatureUrl(app, id), 303);
  });

  server.post('/apps/:app/signatures/:signature/resolve', administer, async (request, reply) => {
    const [app, id] = [appOf(request), signatureOf(request)];
    const isResolved = readFields(resolveBody, request.body).resolved === 'yes';
    const by = contextOf(request, parts).account.name;
    const found = await store.setResolved(app, id, isResolved ? { atMs: parts.now(), by } : null);
    if (!found) throw missing('There is no such signature.');
    await audit(request, parts, isResolved ? 'resolve' : 'reopen', id);
    return reply.redirect(signatureUrl(app, id), 303);
  });
}

function registerHistory(
  server: PortalServer,
  parts: PortalParts<ReadStore & RequestStore & CopyStore & AuditStore & SessionStore>,
): void {
  const { store } = parts;
  server.get('/apps/:app/history', view, async (request, reply) => {
    const context = await appContext(request, parts);
    const app = appOf(request);
    const query = readFields(historyQuerySchema, request.query);
    const filter = crashFilter(query, context.nowMs);
    const [page, signatures, instances] = await Promise.all([
      store.crashes(app, filter, PAGE_SIZE, query.after),
      store.signatures(app, filter.range, 100, context.nowMs),
      store.instances(app, context.nowMs),
    ]);
    const names = instances.map(({ instance }) => instance);
    return sendPage(reply, historyPage({ app, query, page, signatures, instances: names }, context));
  });

  for (const [format, type, write] of [
    ['csv', 'text/csv; charset=utf-8', csvExport],
    ['json', 'application/json; charset=utf-8', jsonExport],
  ] as const) {
    server.get(`/apps/:app/history.${format}`, view, async (request, reply) => {
      const app = appOf(request);
      const filter = crashFilter(readFields(historyQuerySchema, request.query), parts.now());
      return reply
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="crashes.${format}"`)
        .type(type)
        .send(Readable.from(write(store, app, filter)));
    });
  }
}

async function appContext(
  request: FastifyRequest,
  parts: PortalParts<ReadStore & RequestStore & CopyStore & AuditStore & SessionStore>,
) {
  const context = contextOf(request, parts);
  return { ...context, version: await changeVersion(parts.store, context.account, appOf(request)) };
}

function signatureOf(request: FastifyRequest): string {
  return (request.params as { signature: string }).signature;
}

async function audit(
  request: FastifyRequest,
  parts: PortalParts<ReadStore & RequestStore & CopyStore & AuditStore & SessionStore>,
  what: string,
  detail: string,
): Promise<void> {
  const who = contextOf(request, parts).account.name;
  await parts.store.audit({
    atMs: parts.now(),
    who,
    what,
    app: appOf(request),
    detail: `signature ${detail}`,
  });
}

function missing(sentence: string): CrashmonError {
  return new CrashmonError('NO_SUCH_CRASH', sentence);
}
