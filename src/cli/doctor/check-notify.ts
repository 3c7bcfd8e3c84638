import type { NotifyOptions, NotifySecrets } from '../../agent/agent-options.ts';
import { mailReceiver, webhookReceiver } from '../../agent/notify/receivers.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { deliver, type Receiver } from '../../notify/deliver.ts';
import { probeServer } from '../../notify/mail/probe-server.ts';
import type { TestNotice } from '../../notify/notice.ts';
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
    const receiver = mailReceiver(mail, to, secrets);
    if (receiver.type === 'mail') checks.push(await checkMail(receiver));
  }
  if (webhook !== null) {
    const receiver = webhookReceiver(webhook, secrets);
    const { host, preset } = receiver.type === 'webhook' ? receiver.target : webhook;
    checks.push(
      ok(
        'notify',
        `Crashes will be told to the webhook at ${host}, in the format ${preset}; --send-test tries it.`,
      ),
    );
  }
  return checks;
}

async function checkMail({ server, from }: Extract<Receiver, { type: 'mail' }>): Promise<Check> {
  const probe = await probeServer(server);
  const where = `${server.host}, port ${server.port}`;
  if (probe.outcome === 'refused') {
    return warning('notify', `Mail cannot be sent by ${where}. ${probe.why}`, ADVICE);
  }
  const how = probe.encrypted ? 'encrypted' : 'not encrypted';
  const who = probe.authenticated ? ', and takes user name and password' : '';
  return ok('notify', `The mail server at ${where} answers, ${how}${who}; mails come from ${from}.`);
}

/** One to each receiver, as a message about a crash would go. */
async function sendTests(
  { mail, webhook }: NotifyOptions,
  secrets: NotifySecrets,
  { app, nowMs }: CheckOptions,
): Promise<Check[]> {
  const receivers = [
    ...(mail?.to.map((to) => ({ who: to, receiver: mailReceiver(mail, to, secrets) })) ?? []),
    ...(webhook === null
      ? []
      : [{ who: `the webhook at ${webhook.host}`, receiver: webhookReceiver(webhook, secrets) }]),
  ];
  const notice: TestNotice = {
    kind: 'test',
    app,
    atMs: nowMs,
    pageUrl: null,
    settingsUrl: null,
    timeZone: null,
  };
  const checks: Check[] = [];
  for (const { who, receiver } of receivers) {
    const attempt = await deliver(notice, receiver, `test.${nowMs}`, { nowMs });
    checks.push(
      attempt.outcome === 'delivered'
        ? ok('notify', `A test message was sent to ${who}.`)
        : warning('notify', `A test message to ${who} was not taken. ${attempt.why}`, ADVICE),
    );
  }
  return checks;
}
