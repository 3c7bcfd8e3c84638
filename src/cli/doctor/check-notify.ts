import type { NotifyOptions, NotifySecrets } from '../../agent/agent-options.ts';
import { mailRecipient, webhookRecipient } from '../../agent/notify/recipients.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { deliver, type Recipient } from '../../notify/deliver.ts';
import { probeServer } from '../../notify/mail/probe-server.ts';
import type { TestNotification } from '../../notify/notification.ts';
import type { NotifyPlan } from '../options/notify-plan.ts';
import { type Check, ok, warning } from './check.ts';

type CheckOptions = { app: string; sendTest: boolean; nowMs: number };

const ADVICE = 'Crashes are counted and captured all the same, and told once it works.';

/**
 * Whether people would be told: asks the mail server, and sends a test message where that is wanted. Nothing where
 * nobody is told.
 */
export async function checkNotify(
  { notify, secrets, problems }: NotifyPlan,
  options: CheckOptions,
): Promise<Check[]> {
  const told = problems.map((problem) => warning('notify', problem, ADVICE));
  if (notify === null) {
    return options.sendTest && told.length === 0
      ? [
          warning(
            'notify',
            'There is nobody to send a test to.',
            'Give --notify and --mail-to, or --webhook.',
          ),
        ]
      : told;
  }
  try {
    const server = options.sendTest ? [] : await checkServer(notify, secrets);
    const tests = options.sendTest ? await sendTests(notify, secrets, options) : [];
    return [...told, ...server, ...tests];
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    return [...told, warning('notify', error.message, ADVICE)];
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
        `Crashes will be told to the webhook at ${host}, in the format ${preset}; --send-test tries it.`,
      ),
    );
  }
  return checks;
}

async function checkMail({ server, from }: Extract<Recipient, { type: 'mail' }>): Promise<Check> {
  const probe = await probeServer(server);
  const where = `${server.host}, port ${server.port}`;
  if (probe.outcome === 'refused') {
    return warning('notify', `Mail cannot be sent by ${where}. ${probe.why}`, ADVICE);
  }
  const how = probe.encrypted ? 'encrypted' : 'not encrypted';
  const who = probe.authenticated ? ', and takes user name and password' : '';
  return ok('notify', `The mail server at ${where} answers, ${how}${who}; mails come from ${from}.`);
}

/** One to each recipient, as a message about a crash would go. */
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
        : warning('notify', `A test message to ${who} was not taken. ${attempt.why}`, ADVICE),
    );
  }
  return checks;
}
