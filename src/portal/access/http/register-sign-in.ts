import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PortalServer } from '../../http/portal-server.ts';
import { readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore } from '../../store/access/access-store.ts';
import { checkPassword, type PasswordCheck } from '../domain/check-password.ts';
import type { PasswordWork } from '../domain/passwords/password-work.ts';
import { safeNext } from '../domain/safe-next.ts';
import { BUSY_SENTENCE, tooOftenSentence } from '../domain/throttle.ts';
import { signInPage } from '../pages/sign-in-page.ts';
import { endSession, startSession } from './start-session.ts';

const signInForm = z.object({
  name: z.string().max(200),
  password: z.string().max(4096),
  next: z.string().max(2000).optional(),
});

/** `/sign-in` and `/sign-out`. */
export function registerSignIn(
  server: PortalServer,
  parts: PortalParts<AccessStore>,
  work: PasswordWork,
): void {
  const { assetUrl, metrics } = parts;
  const signIns = metrics.counter(
    'crashmon_portal_sign_ins_total',
    'Passwords that were tried, and how it went',
  );
  server.get('/sign-in', async (request, reply) => {
    const query = request.query as { next?: unknown; done?: unknown };
    const next = safeNext(query.next);
    if (request.session !== null) return reply.redirect(next, 303);
    const done = query.done === 'out' ? 'You are signed out.' : null;
    return sendPage(reply, signInPage({ assetUrl, next, name: '', error: null, done }));
  });

  server.post('/sign-in', { config: { beforeSession: true } }, async (request, reply) => {
    const { name, password, next } = readFields(signInForm, request.body);
    const checked = await checkPassword(parts, work, { name, password, address: request.ip });
    signIns.add(1, { result: checked.is });
    if (checked.is === 'right') {
      await startSession(request, reply, parts, checked.account);
      return reply.redirect(safeNext(next), 303);
    }
    const error = refuse(reply, checked);
    return sendPage(reply, signInPage({ assetUrl, next: safeNext(next), name, error, done: null }));
  });

  server.post('/sign-out', async (request: FastifyRequest, reply: FastifyReply) => {
    await endSession(request, reply, parts);
    return reply.redirect('/sign-in?done=out', 303);
  });
}

function refuse(reply: FastifyReply, checked: Exclude<PasswordCheck, { is: 'right' }>): string {
  switch (checked.is) {
    case 'wrong':
      reply.code(401);
      return 'Name or password is wrong.';
    case 'too-often':
      reply.code(429).header('retry-after', String(Math.ceil(checked.waitMs / 1000)));
      return tooOftenSentence(checked.waitMs);
    case 'busy':
      reply.code(503).header('retry-after', '5');
      return BUSY_SENTENCE;
  }
}
