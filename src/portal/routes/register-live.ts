import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayView } from '../access/domain/roles.ts';
import { accountOf, noSuchApp, requireSession } from '../access/http/guards.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { readFields } from '../http/read-fields.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { SessionStore } from '../store/access/access-store.ts';
import type { AppStore } from '../store/read/app-store.ts';
import { LiveFeed } from './live-feed.ts';

/** Open tabs of one person, and of all. */
const MOST_OF_SESSION = 8;
const MOST = 1000;
/** Keeps proxies from closing the connection; sessions and grants are looked at again as often. */
const HEARTBEAT_MS = 15_000;

const querySchema = z.object({
  app: z.string().min(1).max(300).optional(),
  since: z.coerce.number().int().nonnegative().optional(),
});

/** `GET /live`: server-sent events, one for each change of an app or of all that the account sees. */
export function registerLive(server: PortalServer, parts: PortalParts<AppStore & SessionStore>): void {
  const feed = new LiveFeed(parts);
  const open = new Map<FastifyReply, string>();
  let isClosing = false;
  server.addHook('preClose', async () => {
    isClosing = true;
    for (const reply of open.keys()) reply.raw.end();
  });
  server.get('/live', { preHandler: requireSession }, async (request, reply) => {
    const { app = null, since } = readFields(querySchema, request.query);
    const account = accountOf(request);
    const sessionId = request.session?.id ?? '';
    if (app !== null && !mayView(account, app)) throw noSuchApp();
    const ofSession = [...open.values()].filter((id) => id === sessionId).length;
    if (ofSession >= MOST_OF_SESSION || open.size >= MOST)
      return reply.code(429).header('retry-after', '30').send();
    if (isClosing) return reply.code(503).send();
    // The reader went away while its session was looked up: `close` does not come again.
    if (reply.raw.destroyed) return reply.hijack();
    open.set(reply, sessionId);
    const version = Number(request.headers['last-event-id'] ?? since ?? -1);
    startStream(reply);
    const remove = feed.add({
      account,
      app,
      version: Number.isSafeInteger(version) ? version : -1,
      changed: (now) => reply.raw.write(`event: change\nid: ${now}\ndata: ${now}\n\n`),
    });
    const heartbeat = setInterval(() => void beat(request, reply, parts, app), HEARTBEAT_MS);
    reply.raw.once('close', () => {
      clearInterval(heartbeat);
      remove();
      open.delete(reply);
    });
    return reply;
  });
}

function startStream(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  reply.raw.write('retry: 2000\n\n');
}

/** Whose session ended, or who may no longer see the app, hears nothing more. */
async function beat(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AppStore & SessionStore>,
  app: string | null,
): Promise<void> {
  try {
    const { account, id } = request.session ?? { account: null, id: '' };
    const sessions = account === null ? [] : await parts.store.sessions(account.id, parts.now());
    const session = sessions.find((each) => each.id === id);
    const isAllowed = session !== undefined && (app === null || mayView(session.account, app));
    if (isAllowed) reply.raw.write(':\n\n');
    else reply.raw.end();
  } catch {
    // If the store does not respond, the connection stays open without events.
    reply.raw.write(':\n\n');
  }
}
