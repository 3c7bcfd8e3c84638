import { untilAborted } from '../until-aborted.ts';
import { whyNot } from './mail-outcome.ts';
import { goodbye, greet, newConnection } from './smtp-connection.ts';
import type { SmtpServer } from './smtp-server.ts';

/** What a mail server said before any mail. */
export type ServerProbe =
  | { outcome: 'ready'; encrypted: boolean; authenticated: boolean }
  | { outcome: 'refused'; why: string };

const TIMEOUT_MS = 20_000;

/**
 * Speaks to a mail server up to where it would take a mail, and sends none: connects, encrypts as `server` says, and
 * gives user name and password. Never throws for what a server or the network does.
 */
export async function probeServer(
  server: SmtpServer,
  { ca, timeoutMs = TIMEOUT_MS }: { ca?: string; timeoutMs?: number } = {},
): Promise<ServerProbe> {
  const connection = newConnection(server, { ca, timeoutMs });
  try {
    await untilAborted(greet(connection, server), AbortSignal.timeout(timeoutMs));
    const { secure } = connection;
    await goodbye(connection);
    return { outcome: 'ready', encrypted: secure === true, authenticated: server.auth !== null };
  } catch (error) {
    return { outcome: 'refused', why: whyNot(error, server) };
  } finally {
    connection.close();
  }
}
