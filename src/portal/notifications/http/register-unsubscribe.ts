import type { FastifyReply, FastifyRequest } from 'fastify';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { PortalServer } from '../../http/portal-server.ts';
import { paramOf } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AuditStore } from '../../store/access/access-store.ts';
import type { OutboxStore } from '../../store/portal-store.ts';
import { unsubscribePage } from '../pages/unsubscribe-page.ts';
import { UNSUBSCRIBE_KEY } from '../sending/start-notifications.ts';
import { readUnsubscribeToken } from '../sending/unsubscribe-token.ts';

/** `/unsubscribe/:token`: without an account, by a person or by a mail program (RFC 8058). */
export function registerUnsubscribe(
  server: PortalServer,
  parts: PortalParts<OutboxStore & AuditStore>,
): void {
  const { store, assetUrl, now } = parts;

  const read = async (request: FastifyRequest) => {
    const said = readUnsubscribeToken(
      paramOf(request, 'token'),
      await store.notifications.key(UNSUBSCRIBE_KEY),
    );
    if (said !== null) return said;
    throw new CrashmonError(
      'NO_SUCH_ACCOUNT',
      'This link is incomplete. Copy it again from the email, or ask an administrator of the portal.',
    );
  };

  server.get('/unsubscribe/:token', async (request, reply) =>
    sendPage(reply, unsubscribePage(await read(request), false, assetUrl)),
  );

  const options = { config: { beforeSession: true } };
  server.post('/unsubscribe/:token', options, async (request, reply): Promise<FastifyReply> => {
    const { app, address } = await read(request);
    await store.notifications.stopMail(app, address, address, now());
    await store.audit({ atMs: now(), who: address, what: 'notice-unsubscribed', app, detail: address });
    return sendPage(reply, unsubscribePage({ app, address }, true, assetUrl));
  });
}
