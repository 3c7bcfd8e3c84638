import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { ClaimedDelivery } from '../../portal/store/notifications/notification-store.ts';
import type { PortalStore } from '../../portal/store/portal-store.ts';
import type { CliContext } from '../context.ts';
import { nameValue } from '../options/option-values.ts';
import { jsonText, line } from '../render/safe-text.ts';
import {
  addPortalNotificationOptions,
  notificationSendingOf,
  type PortalNotificationOptions,
} from './notification-options.ts';
import {
  addPortalVerbOptions,
  addPublicUrl,
  BY_COMMAND,
  type PortalAddress,
  type PortalVerbOptions,
  portalAddress,
  withPortalStore,
} from './portal-verb.ts';

type TestOptions = PortalVerbOptions &
  PortalNotificationOptions &
  PortalAddress & { app?: string; to?: string[] };
type Outcome = { receiver: string; outcome: 'delivered' | 'retry' | 'failed'; why: string | null };

const HELP = `
Sends at once, waits for the result and does not retry. The portal need not run.
Without --to, the test goes to all recipients of the app.

Examples:
  crashmon portal notify test --app shop
  crashmon portal notify test --smtp smtp://mail.example.com --mail-from crashmon@example.com --to ada@example.com`;

/** `crashmon portal notify test`: tests whether notifications of the portal arrive. */
export function addPortalNotify(portal: Command, context: CliContext): void {
  const notify = portal
    .command('notify')
    .description('Send a test notification to the recipients of an app')
    .helpCommand(false);
  const test = notify
    .command('test')
    .description('Send a test notification and print the result for each recipient')
    .option('--app <name>', 'the app whose recipients get the test', nameValue)
    .option('--to <address...>', 'mail addresses to use instead of the recipients');
  addPublicUrl(addPortalNotificationOptions(addPortalVerbOptions(test)))
    .addHelpText('after', HELP)
    .action(() => sendTest(test.optsWithGlobals(), context));
}

async function sendTest(options: TestOptions, context: CliContext): Promise<void> {
  const sending = notificationSendingOf(options, context);
  const { to } = options;
  const app = options.app ?? 'test';
  if (options.app === undefined && to === undefined)
    throw bad('Give --app to notify its recipients, or --to.');
  if (to !== undefined && sending.smtp === null) throw bad('--to needs --smtp, or CRASHMON_SMTP.');
  const [{ sendClaimed }, { unsubscribeUrlOf }, { recipientsOf }] = await Promise.all([
    import('../../portal/notifications/sending/send-claimed.ts'),
    import('../../portal/notifications/sending/start-notifications.ts'),
    import('../../portal/store/notifications/announce.ts'),
  ]);
  const outcomes: Outcome[] = [];
  await withPortalStore(
    options,
    context,
    async (store) => {
      const address = await portalAddress(store, options, context);
      const baseUrl = () => address;
      const unsubscribeUrl = unsubscribeUrlOf(store, baseUrl);
      const parts = { store, sending, baseUrl, now: Date.now, unsubscribeUrl };
      for (const delivery of await testsFor(store, { app, to, mailTo: sending.mailTo }, recipientsOf)) {
        const result = await sendClaimed(delivery, parts, AbortSignal.timeout(120_000));
        const why = result.outcome === 'delivered' ? null : result.why;
        outcomes.push({ receiver: delivery.address, outcome: result.outcome, why });
        if (!options.json) context.stdout.write(sentence(outcomes.at(-1) as Outcome));
      }
      await store.audit({ atMs: Date.now(), who: BY_COMMAND, what: 'notice-test', app, detail: '' });
    },
    { mayCreate: to !== undefined },
  );
  if (options.json) context.stdout.write(jsonText(outcomes));
  if (outcomes.length === 0) {
    throw bad(`${line(app)} has no recipients: add one on its notifications page, or give --to.`);
  }
  if (outcomes.some(({ outcome }) => outcome !== 'delivered')) process.exitCode = 1;
}

function sentence({ receiver, outcome, why }: Outcome): string {
  return outcome === 'delivered'
    ? `${line(receiver)}: accepted.\n`
    : `${line(receiver)}: ${outcome === 'retry' ? 'failed for now' : 'failed'}. ${line(why ?? '')}\n`;
}

async function testsFor(
  store: PortalStore,
  { app, to, mailTo }: { app: string; to: string[] | undefined; mailTo: readonly string[] },
  recipientsOf: typeof import('../../portal/store/notifications/announce.ts').recipientsOf,
): Promise<ClaimedDelivery[]> {
  const settings = await store.notifications.settings(app);
  const nowMs = Date.now();
  const base = {
    appId: 0,
    app,
    attempt: 1,
    kind: 'test' as const,
    atMs: nowMs,
    body: { type: 'test' as const },
  };
  const recipients =
    to?.map((address) => ({ targetId: `default:${address}`, type: 'mail' as const, address })) ??
    recipientsOf(settings, mailTo);
  return recipients.map(({ targetId, type, address }) => ({
    ...base,
    ...{ notificationId: `test-${nowMs}`, targetId, type, address, preferences: settings.preferences },
    target: settings.targets.find(({ id }) => id === targetId) ?? null,
  }));
}

const bad = (why: string): CrashmonError => new CrashmonError('BAD_OPTION', why);
