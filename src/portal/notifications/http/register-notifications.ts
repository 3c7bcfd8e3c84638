import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { composeMail } from '../../../notify/mail/compose-mail.ts';
import { parseMailbox } from '../../../notify/mail/mailbox.ts';
import { parseWebhookTarget, WEBHOOK_PRESETS } from '../../../notify/webhook/webhook-target.ts';
import { requireAppName } from '../../access/domain/app-name.ts';
import { audit } from '../../access/http/audit.ts';
import { accountOf, requireAdmin, requireView } from '../../access/http/guards.ts';
import { contextOf } from '../../access/http/page-context-of.ts';
import type { PortalServer } from '../../http/portal-server.ts';
import { appOf, readFields } from '../../http/read-fields.ts';
import { sendPage } from '../../http/send-page.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AuditStore } from '../../store/access/access-store.ts';
import { recipientsOf } from '../../store/notifications/announce.ts';
import type { OutboxStore, ReadStore } from '../../store/portal-store.ts';
import { notificationsUrl } from '../../urls.ts';
import { notificationsPage } from '../pages/notifications-page.ts';
import { shownTarget } from '../pages/recipients-view.ts';
import { secretPage } from '../pages/secret-page.ts';
import { PREVIEW_KINDS, previewNotification } from '../sending/preview-notification.ts';
import { choicesForm, chosenMute, chosenPreferences, muteForm } from './preferences-fields.ts';
import { registerUnsubscribe } from './register-unsubscribe.ts';

const LOGGED = 100;
/** The sender in previews while there is no mail server. */
const NO_SENDER = 'Crashmon <crashmon@example.com>';
const view = { preHandler: requireView(appOf) };
const administer = { preHandler: requireAdmin(appOf) };

const pageQuery = z.object({
  preview: z.enum(PREVIEW_KINDS).catch('opened'),
  format: z.enum(['html', 'text']).catch('html'),
  done: z.string().catch(''),
});
const addressForm = z.object({ address: z.string().trim().min(1).max(2048) });
const webhookForm = addressForm.extend({ preset: z.enum(['', ...WEBHOOK_PRESETS]) });
const targetForm = z.object({ target: z.string().max(100) });
const againForm = targetForm.extend({ notification: z.string().max(100) });

const DONE: Readonly<Record<string, string>> = {
  added: 'Recipient added. Send a test to check that it arrives.',
  removed: 'Recipient removed.',
  chosen: 'Saved. This applies from the next notification on.',
  muted: 'Saved.',
  test: 'Test queued. Reload in a moment to see the result in the delivery log.',
  again: 'Retrying now.',
};

/** `/apps/:app/notifications`, and `/unsubscribe/…`. */
export function registerNotifications(
  server: PortalServer,
  parts: PortalParts<ReadStore & OutboxStore & AuditStore>,
): void {
  const { notifications } = parts.store;
  registerUnsubscribe(server, parts);

  server.get('/apps/:app/notifications', view, (request, reply) => show(request, reply, parts, null));

  // The address that older mails link to.
  server.get('/apps/:app/notices', view, (request, reply) =>
    reply.redirect(notificationsUrl(appOf(request), new URL(request.url, parts.baseUrl()).search), 301),
  );

  server.get('/apps/:app/notifications/preview', view, async (request, reply) => {
    const app = appOf(request);
    const { preferences } = await notifications.settings(app);
    const { notification } = await previewNotification(
      parts,
      app,
      pageQuery.parse(request.query).preview,
      preferences,
    );
    const { html } = composeMail(notification, { from: NO_SENDER, to: [] });
    return sendPage(
      reply
        .header('content-security-policy', MAIL_POLICY)
        // A sandboxed frame has no origin that could be isolated.
        .removeHeader('origin-agent-cluster')
        .header('x-frame-options', 'SAMEORIGIN')
        .header('referrer-policy', 'no-referrer'),
      html,
    );
  });

  server.post('/apps/:app/notifications/mail', administer, async (request, reply) => {
    const app = validAppOf(request);
    const { address } = readFields(addressForm, request.body);
    const mailbox = tryOr(() => parseMailbox(address).address);
    if (mailbox === null) return show(request, reply, parts, NO_MAIL_ADDRESS);
    const target = { type: 'mail' as const, address: mailbox, preset: null, secret: null };
    const added = await notifications.addTarget(app, target, accountOf(request).name, parts.now());
    if (added === null) return show(request, reply, parts, TOO_MANY);
    await audit(request, parts, 'notice-target-added', app, mailbox);
    return reply.redirect(notificationsUrl(app, '?done=added'), 303);
  });

  server.post('/apps/:app/notifications/webhook', administer, async (request, reply) => {
    const app = validAppOf(request);
    const form = readFields(webhookForm, request.body);
    const allowPrivate = parts.settings.notifications?.allowPrivateWebhooks ?? false;
    const options = { allowPrivate, preset: form.preset === '' ? null : form.preset };
    const parsed = tryOr(() => parseWebhookTarget(form.address, options));
    if (parsed === null) return show(request, reply, parts, NO_WEBHOOK);
    const { preset, host } = parsed;
    // The other services recognize their messages by the address; only our own format is signed.
    const secret = preset === 'crashmon' ? randomBytes(32).toString('base64url') : null;
    const target = { type: 'webhook' as const, address: parsed.url().href, preset, secret };
    const added = await notifications.addTarget(app, target, accountOf(request).name, parts.now());
    if (added === null) return show(request, reply, parts, TOO_MANY);
    await audit(request, parts, 'notice-target-added', app, `webhook at ${host}`);
    if (secret === null) return reply.redirect(notificationsUrl(app, '?done=added'), 303);
    return sendPage(reply, secretPage({ app, host, secret }, contextOf(request, parts)));
  });

  server.post('/apps/:app/notifications/remove', administer, async (request, reply) => {
    const app = appOf(request);
    const { target: id } = readFields(targetForm, request.body);
    const settings = await notifications.settings(app);
    const target = settings.targets.find((each) => each.id === id);
    const mailTo = parts.settings.notifications?.mailTo ?? [];
    const byDefault = recipientsOf(settings, mailTo).find(({ targetId }) => targetId === id);
    const by = accountOf(request).name;
    if (target !== undefined) await notifications.removeTarget(app, id);
    else if (byDefault !== undefined) await notifications.stopMail(app, byDefault.address, by, parts.now());
    const gone = target === undefined ? byDefault?.address : shownTarget(target);
    if (gone !== undefined) await audit(request, parts, 'notice-target-removed', app, gone);
    return reply.redirect(notificationsUrl(app, '?done=removed'), 303);
  });

  server.post('/apps/:app/notifications/choices', administer, async (request, reply) => {
    const app = validAppOf(request);
    const parsed = choicesForm.safeParse(request.body ?? {});
    if (!parsed.success) return show(request, reply, parts, BAD_CHOICES);
    const { preferences } = await notifications.settings(app);
    const chosen = chosenPreferences(parsed.data, preferences);
    await notifications.savePreferences(app, chosen, accountOf(request).name, parts.now());
    await audit(request, parts, 'notice-choices', app, '');
    return reply.redirect(notificationsUrl(app, '?done=chosen'), 303);
  });

  server.post('/apps/:app/notifications/mute', administer, async (request, reply) => {
    const app = validAppOf(request);
    const form = readFields(muteForm, request.body);
    const mute = chosenMute(form, await notifications.newestVersion(app), parts.now());
    if (mute === undefined) return show(request, reply, parts, NO_TIME);
    const { preferences } = await notifications.settings(app);
    await notifications.savePreferences(app, { ...preferences, mute }, accountOf(request).name, parts.now());
    await audit(request, parts, mute === null ? 'notice-unmuted' : 'notice-muted', app, '');
    return reply.redirect(notificationsUrl(app, '?done=muted'), 303);
  });

  server.post('/apps/:app/notifications/test', administer, async (request, reply) => {
    const app = validAppOf(request);
    const { target } = readFields(targetForm, request.body);
    await notifications.addTest(app, [target], parts.now());
    return reply.redirect(notificationsUrl(app, '?done=test#log'), 303);
  });

  server.post('/apps/:app/notifications/again', administer, async (request, reply) => {
    const app = appOf(request);
    const { notification, target } = readFields(againForm, request.body);
    await notifications.sendAgain(app, notification, target, parts.now());
    return reply.redirect(notificationsUrl(app, '?done=again#log'), 303);
  });
}

/** Allows the email's own styles only: no script, image, form or navigation. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox";

const TOO_MANY = 'An app can have up to 50 recipients. Remove one first, or use a mailing list or a channel.';
const NO_MAIL_ADDRESS = 'Invalid email address. Expected, e.g., ops@example.com.';
const NO_WEBHOOK =
  'Invalid webhook URL. Expected, e.g., https://hooks.example.com/…, without user name and password.';
const BAD_CHOICES = 'Not saved. Enter times such as 22:00 and a time zone such as Europe/Berlin.';
const NO_TIME = 'Not muted. Enter a time in the future.';

async function show(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<ReadStore & OutboxStore & AuditStore>,
  error: string | null,
): Promise<FastifyReply> {
  const app = appOf(request);
  const { notifications } = parts.store;
  const query = pageQuery.parse(request.query ?? {});
  const [settings, log, newestVersion] = await Promise.all([
    notifications.settings(app),
    notifications.log(app, LOGGED),
    notifications.newestVersion(app),
  ]);
  const { notification, isSample } = await previewNotification(
    parts,
    app,
    query.preview,
    settings.preferences,
  );
  const sending = parts.settings.notifications;
  const from = sending?.mailFrom ?? NO_SENDER;
  const { subject, text } = composeMail(notification, { from, to: [] });
  const page = notificationsPage(
    {
      ...{ app, settings, log, newestVersion, error },
      recipients: recipientsOf(settings, sending?.mailTo ?? []),
      hasMail: (sending?.smtp ?? null) !== null,
      preview: { kind: query.preview, format: query.format, subject, from, text, isSample },
      done: DONE[query.done] ?? null,
    },
    contextOf(request, parts),
  );
  const policy = String(reply.getHeader('content-security-policy') ?? '');
  return sendPage(
    reply.code(error === null ? 200 : 400).header('content-security-policy', `${policy};frame-src 'self'`),
    page,
  );
}

/** @throws CrashmonError BAD_REQUEST for an invalid app name */
function validAppOf(request: FastifyRequest): string {
  const app = appOf(request);
  requireAppName(app);
  if (app === '*') throw new CrashmonError('NO_SUCH_APP', 'App not found.');
  return app;
}

function tryOr<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof CrashmonError) return null;
    throw error;
  }
}
