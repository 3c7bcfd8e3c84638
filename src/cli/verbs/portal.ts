import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { fillFromEnvironment } from '../options/environment.ts';
import { addLogOptions, isJsonLog, type LogFlags } from '../options/log-options.ts';
import { countValue, durationValue } from '../options/option-values.ts';
import { durationOption } from '../options/policy-options.ts';
import { publicUrlValue } from '../options/public-url-value.ts';
import { addPortalAccounts } from '../portal/accounts.ts';
import { addPortalApiTokens } from '../portal/api-tokens.ts';
import { addPortalBackup } from '../portal/backup.ts';
import { addFirstAccountOptions, type FirstAccountOptions, firstAccountOf } from '../portal/first-account.ts';
import { addPortalLimitOptions, appLimitsOf, type PortalLimitOptions } from '../portal/limit-options.ts';
import {
  addPortalNotificationOptions,
  notificationSendingOf,
  type PortalNotificationOptions,
} from '../portal/notification-options.ts';
import { addPortalNotify } from '../portal/notify.ts';
import {
  addPortalStoreOptions,
  type PortalPlace,
  type PortalStoreOptions,
  portalPlaceOf,
} from '../portal/store-options.ts';
import { addPortalTokens } from '../portal/tokens.ts';
import { becomePortal } from '../start/become-portal.ts';

type ServeOptions = PortalStoreOptions &
  PortalNotificationOptions &
  PortalLimitOptions &
  FirstAccountOptions &
  LogFlags & {
    host: string;
    port: number;
    publicUrl?: string;
    tlsCert?: string;
    tlsKey?: string;
    trustedProxy: string[];
    retention: number;
    instanceRetention: number;
    drainDelay: number;
    citus?: boolean;
  };

const DAY_MS = 24 * 60 * 60_000;
/** Supervisors wait no longer than minutes. */
const MAX_DRAIN_DELAY_MS = 10 * 60_000;

const HELP = `
Examples:
  crashmon portal                     http://127.0.0.1:4800, for this machine
  crashmon portal --host 0.0.0.0 --tls-cert portal.crt --tls-key portal.key
  crashmon portal --public-url https://crashes.example.org --trusted-proxy 127.0.0.1
                        behind a proxy with HTTPS
  crashmon portal backup portal.backup

The first start prints a link that creates the first account.
Environment: each option has a variable, such as CRASHMON_DATABASE of --database.
With CRASHMON_METRICS_TOKEN as bearer token, /metrics can be read from other
machines. CRASHMON_ADMIN_PASSWORD creates the first account without a link.
Ctrl-C or SIGTERM stops it. Agents keep their crash records until it runs again.`;

/** `crashmon portal`: the server, and the verbs below it. */
export function addPortal(program: Command, context: CliContext): void {
  const portal = program
    .command('portal')
    .summary('Serve the web UI for the crashes of all instances')
    .description(
      'Receives the redacted reports of every instance (OpenTelemetry logs over HTTP, POST /v1/logs) and ' +
        'shows for each app what crashes and why. Listens on this machine only, unless --host is given.',
    )
    .enablePositionalOptions()
    .helpCommand(false)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0: any free port', countValue(65_535), 4800)
    .option('--public-url <url>', 'public URL of the portal, if not host and port', publicUrlValue)
    .option('--tls-cert <file>', 'certificate (PEM); enables HTTPS, together with --tls-key')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .addOption(
      new Option('--trusted-proxy <address>', 'proxy whose X-Forwarded-For is trusted (repeatable)')
        .argParser(proxyValue)
        .default([], 'none'),
    )
    .addOption(
      new Option('--retention <duration>', 'how long crashes are kept; counts stay longer')
        .argParser(retentionValue)
        .default(90 * DAY_MS, '90d'),
    )
    .addOption(
      new Option('--instance-retention <duration>', 'how long instances are listed that are gone')
        .argParser(retentionValue)
        .default(30 * DAY_MS, '30d'),
    )
    .addOption(
      durationOption('--drain-delay', 'at a stop: how long /readyz is 503 before the port is closed', '0'),
    );
  addLogOptions(portal, 'log one JSON object per line');
  addPortalStoreOptions(addFirstAccountOptions(portal)).option(
    '--citus',
    'distribute the tables over the nodes of Citus, once',
  );
  addPortalLimitOptions(addPortalNotificationOptions(portal))
    .addHelpText('after', HELP)
    // Refused below, with a suggestion from the verbs.
    .allowExcessArguments()
    .action(() => {
      const [unknown] = portal.args;
      if (unknown === undefined) {
        const [wrong] = fillFromEnvironment(portal, context.env);
        if (wrong !== undefined) throw new CrashmonError('BAD_OPTION', wrong);
        return servePortal(portal.opts<ServeOptions>(), context);
      }
      return portal.error(`unknown command '${unknown}'`, { code: 'commander.unknownCommand' });
    });
  addPortalBackup(portal, context);
  addPortalAccounts(portal, context);
  addPortalTokens(portal, context);
  addPortalApiTokens(portal, context);
  addPortalNotify(portal, context);
}

async function servePortal(options: ServeOptions, context: CliContext): Promise<void> {
  const { tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new CrashmonError('BAD_OPTION', '--tls-cert and --tls-key must be given together.');
  }
  // Before loading the portal, which would make the heap grow.
  becomePortal();
  const { serve } = await import('../portal/serve.ts');
  await serve(
    {
      ...placeOf(options, context),
      host: options.host,
      port: options.port,
      publicUrl: options.publicUrl ?? null,
      tls: tlsCert === undefined || tlsKey === undefined ? null : { certPath: tlsCert, keyPath: tlsKey },
      trustedProxies: options.trustedProxy,
      retentionDays: Math.ceil(options.retention / DAY_MS),
      instanceRetentionMs: options.instanceRetention,
      drainDelayMs: Math.min(options.drainDelay, MAX_DRAIN_DELAY_MS),
      firstAccount: firstAccountOf(options, context),
      metricsToken: context.env.CRASHMON_METRICS_TOKEN || null,
      notifications: notificationSendingOf(options, context),
      limits: appLimitsOf(options),
      ...(options.portalDumps === undefined ? {} : { dumpBytes: options.portalDumps }),
    },
    isJsonLog(options),
    context,
  );
}

function placeOf(options: ServeOptions, context: CliContext): PortalPlace & { citus: boolean } {
  const place = portalPlaceOf(options, context);
  const { citus = false } = options;
  if (citus && place.databaseUrl === null) {
    throw new CrashmonError('BAD_OPTION', '--citus needs --database with the URL of the coordinator.');
  }
  return { ...place, citus };
}

function proxyValue(text: string, before: string[]): string[] {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(bits ?? 0) > (version === 4 ? 32 : 128)) {
    throw new InvalidArgumentError('Give an IP address, or a network such as 10.0.0.0/8.');
  }
  return [...before, text];
}

function retentionValue(text: string): number {
  const ms = durationValue(text);
  if (ms < DAY_MS) throw new InvalidArgumentError('Give at least a day, such as 90d.');
  return ms;
}
