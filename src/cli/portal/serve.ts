import type { LogSink } from '../../portal/http/server-options.ts';
import type { PortalSettings } from '../../portal/portal-parts.ts';
import { type RunningPortal, startPortal } from '../../portal/start/run-portal.ts';
import type { CliContext } from '../context.ts';
import { colorsFor } from '../render/colors.ts';
import { line } from '../render/safe-text.ts';
import { PortalLog } from './portal-log.ts';

/** Serves until a signal, then finishes open requests. A second signal ends it at once. */
export async function serve(settings: PortalSettings, json: boolean, context: CliContext): Promise<void> {
  process.title = 'crashmon portal';
  const log: LogSink = json ? (context.stdout as LogSink) : new PortalLog(context.stderr);
  const stop = Promise.withResolvers<void>();
  const onSignal = () => {
    process.once('SIGINT', endAtOnce).once('SIGTERM', endAtOnce);
    stop.resolve();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const portal = await startPortal(settings, log);
  announce(portal, settings, json, context);
  await stop.promise;
  context.stdout.write(
    json ? jsonLine({ event: 'stopping' }) : 'Stopping after open requests are finished.\n',
  );
  await portal.close();
}

function endAtOnce(): never {
  process.exit(1);
}

function announce(
  { url, setupLink }: RunningPortal,
  settings: PortalSettings,
  json: boolean,
  context: CliContext,
): void {
  const { bold } = colorsFor(context.env, context.isTTY);
  if (json) {
    context.stdout.write(jsonLine({ event: 'listening', url, setupLink }));
  } else {
    context.stdout.write(`The portal is at ${bold(line(url))}\n`);
    if (setupLink !== null) {
      context.stdout.write(
        `Create the first account with this link, which works once:\n  ${bold(line(setupLink))}\n`,
      );
    }
  }
  if (isOpen(settings)) {
    const message =
      'Passwords and tokens are sent unencrypted: this address can be reached without HTTPS. ' +
      'Give --tls-cert and --tls-key, or --public-url https://… behind a proxy with HTTPS.';
    context.stderr.write(json ? jsonLine({ event: 'problem', message }) : `crashmon: ${message}\n`);
  }
}

/** As the events of `crashmon run`. */
function jsonLine(event: object): string {
  return `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`;
}

/** Can others read the traffic? */
function isOpen({ host, tls, publicUrl }: PortalSettings): boolean {
  const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return !isLoopback && tls === null && !publicUrl?.startsWith('https:');
}
