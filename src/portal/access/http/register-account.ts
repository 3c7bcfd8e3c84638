import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PortalServer } from '../../http/portal-server.ts';
import { readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore } from '../../store/access/access-store.ts';
import { checkPassword } from '../domain/check-password.ts';
import { hashPassword } from '../domain/passwords/password-hash.ts';
import { whyNotPassword } from '../domain/passwords/password-rules.ts';
import type { PasswordWork } from '../domain/passwords/password-work.ts';
import { IDLE_MS } from '../domain/session-times.ts';
import { BUSY_SENTENCE, tooOftenSentence } from '../domain/throttle.ts';
import { accountPage } from '../pages/account-page.ts';
import { audit } from './audit.ts';
import { accountOf, requireSession } from './guards.ts';
import { contextOf } from './page-context-of.ts';
import { startSession } from './start-session.ts';

const signedIn = { preHandler: requireSession };
const sessionForm = z.object({ session: z.string().max(100) });
const passwordForm = z.object({
  current: z.string().max(4096),
  password: z.string().max(4096),
  again: z.string().max(4096),
});

const DONE: Readonly<Record<string, string>> = {
  password: 'Password changed. All other sessions were signed out.',
  session: 'Session signed out.',
  others: 'All other sessions were signed out.',
};

/** `/account`: one's own sessions and password. */
export function registerAccount(
  server: PortalServer,
  parts: PortalParts<AccessStore>,
  work: PasswordWork,
): void {
  const { store } = parts;

  server.get('/account', signedIn, async (request, reply) => {
    const { done: code } = request.query as { done?: unknown };
    const done = typeof code === 'string' ? (DONE[code] ?? null) : null;
    return showAccount(request, reply, parts, { error: null, done });
  });

  server.post('/account/sessions/end', signedIn, async (request, reply) => {
    const { session: id } = readFields(sessionForm, request.body);
    // The session of another account is answered like one that has ended.
    const own = await store.sessions(accountOf(request).id, parts.now());
    if (own.some((session) => session.id === id)) await store.endSession(id);
    return reply.redirect('/account?done=session', 303);
  });

  server.post('/account/sessions/others', signedIn, async (request, reply) => {
    await store.endSessionsOf(accountOf(request).id, request.session?.id ?? '');
    return reply.redirect('/account?done=others', 303);
  });

  server.post('/account/password', signedIn, async (request, reply) => {
    const { current, password, again } = readFields(passwordForm, request.body);
    const account = accountOf(request);
    const refuse = (status: number, error: string) =>
      showAccount(request, reply.code(status), parts, { error, done: null });
    const why = whyNotPassword(password, account.name);
    if (why !== null) return refuse(400, why);
    if (password !== again) return refuse(400, 'The new passwords do not match.');
    const checked = await checkPassword(parts, work, {
      name: account.name,
      password: current,
      address: request.ip,
    });
    if (checked.is === 'too-often') {
      reply.header('retry-after', String(Math.ceil(checked.waitMs / 1000)));
      return refuse(429, tooOftenSentence(checked.waitMs));
    }
    if (checked.is === 'busy') return refuse(503, BUSY_SENTENCE);
    if (checked.is === 'wrong') return refuse(400, 'The current password is wrong.');
    const passwordHash = await work.run(() => hashPassword(password));
    if (passwordHash === null) return refuse(503, BUSY_SENTENCE);
    await store.setPassword(account.id, passwordHash);
    await store.endSessionsOf(account.id);
    await audit(request, parts, 'password-changed', null, account.name);
    await startSession(request, reply, parts, account);
    return reply.redirect('/account?done=password', 303);
  });
}

async function showAccount(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore>,
  said: { error: string | null; done: string | null },
): Promise<FastifyReply> {
  const context = contextOf(request, parts);
  const all = await parts.store.sessions(context.account.id, context.nowMs);
  const currentId = request.session?.id ?? '';
  const sessions = all
    .filter(({ id, lastSeenMs }) => id === currentId || context.nowMs - lastSeenMs <= IDLE_MS)
    .toSorted((a, b) => Number(b.id === currentId) - Number(a.id === currentId));
  return sendPage(reply, accountPage({ sessions, currentId, ...said }, context));
}
