import type { NotifyOptions, NotifySecrets } from '../../agent/agent-options.ts';
import { mailRecipient, webhookRecipient } from '../../agent/notify/recipients.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { deliver, type Recipient } from '../../notify/deliver.ts';
import { probeServer } from '../../notify/mail/probe-server.ts';
import type { TestNotification } from '../../notify/notification.ts';
import type { NotifyPlan } from '../options/notify-plan.ts';
import { type Check, ok, warning } from './check.ts';

type CheckOptions = { app: string; sendTest: boolean; nowMs: number };

const ADVICE = 'Crashes are still counted and captured.';

/** Signs in to the mail server, or sends test messages. Returns nothing without notification options. */
export async function checkNotify(
  { notify, secrets, problems }: NotifyPlan,
  options: CheckOptions,
): Promise<Check[]> {
  const checks = problems.map((problem) => warning('notify', problem, ADVICE));
  if (notify === null) {
    return options.sendTest && checks.length === 0
      ? [
          warning(
            'notify',
            'No recipient for a test notification.',
            'Give --notify and --mail-to, or --webhook.',
          ),
        ]
      : checks;
  }
  try {
    const server = options.sendTest ? [] : await checkServer(notify, secrets);
    const tests = options.sendTest ? await sendTests(notify, secrets, options) : [];
    return [...checks, ...server, ...tests];
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    return [...checks, warning('notify', error.message, ADVICE)];
  }
}

async function checkServer({ mail, webhook }: NotifyOptions, secrets: NotifySecrets): Promise<Check[]> {
  const checks: Check[] = [];
  if (mail !== null) {
    const [to = ''] = mail.to;
    const recipient = mailRecipient(mail, to, secrets);
    if (recipient.type === 'mail') checks.push(await checkMail(recipient));
  }
  if (webhook !== null) {
    const recipient = webhookRecipient(webhook, secrets);
    const { host, preset } = recipient.type === 'webhook' ? recipient.target : webhook;
    checks.push(
      ok(
        'notify',
        `Notifications will be sent to the webhook at ${host} (format: ${preset}); --send-test tests it.`,
      ),
    );
  }
  return checks;
}

async function checkMail({ server, from }: Extract<Recipient, { type: 'mail' }>): Promise<Check> {
  const probe = await probeServer(server);
  const where = `${server.host}, port ${server.port}`;
  if (probe.outcome === 'refused') {
    return warning('notify', `Cannot send mail through ${where}. ${probe.why}`, ADVICE);
  }
  const how = probe.encrypted ? 'encrypted' : 'not encrypted';
  const auth = probe.authenticated ? ', user name and password accepted' : '';
  return ok('notify', `The mail server ${where} responds (${how}${auth}); the sender is ${from}.`);
}

/** To each recipient, on the path of a real notification. */
async function sendTests(
  { mail, webhook }: NotifyOptions,
  secrets: NotifySecrets,
  { app, nowMs }: CheckOptions,
): Promise<Check[]> {
  const recipients = [
    ...(mail?.to.map((to) => ({ who: to, recipient: mailRecipient(mail, to, secrets) })) ?? []),
    ...(webhook === null
      ? []
      : [{ who: `the webhook at ${webhook.host}`, recipient: webhookRecipient(webhook, secrets) }]),
  ];
  const notification: TestNotification = {
    kind: 'test',
    app,
    atMs: nowMs,
    pageUrl: null,
    settingsUrl: null,
    timeZone: null,
  };
  const checks: Check[] = [];
  for (const { who, recipient } of recipients) {
    const attempt = await deliver(notification, recipient, `test.${nowMs}`, { nowMs });
    checks.push(
      attempt.outcome === 'delivered'
        ? ok('notify', `A test message was sent to ${who}.`)
        : warning('notify', `Could not send a test message to ${who}. ${attempt.why}`, ADVICE),
    );
  }
  return checks;
}
