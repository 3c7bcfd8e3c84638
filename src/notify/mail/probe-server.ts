import { untilAborted } from '../until-aborted.ts';
import { whyNot } from './mail-outcome.ts';
import { greet, newConnection, quit } from './smtp-connection.ts';
import type { SmtpServer } from './smtp-server.ts';

/** Result of a connection test. */
export type ServerProbe =
  | { outcome: 'ready'; encrypted: boolean; authenticated: boolean }
  | { outcome: 'refused'; why: string };

const TIMEOUT_MS = 20_000;

/**
 * Tests a mail server without sending a mail: connects, encrypts as `server` says, and authenticates. Never throws for
 * server or network errors.
 */
export async function probeServer(
  server: SmtpServer,
  { ca, timeoutMs = TIMEOUT_MS }: { ca?: string; timeoutMs?: number } = {},
): Promise<ServerProbe> {
  const connection = newConnection(server, { ca, timeoutMs });
  try {
    await untilAborted(greet(connection, server), AbortSignal.timeout(timeoutMs));
    const { secure } = connection;
    await quit(connection);
    return { outcome: 'ready', encrypted: secure === true, authenticated: server.auth !== null };
  } catch (error) {
    return { outcome: 'refused', why: whyNot(error, server) };
  } finally {
    connection.close();
  }
}
