import type { AgentOptions } from '../agent-options.ts';
import type { AgentUplink, AgentUplinkParts } from './agent-uplink.ts';
import { isLoopback } from './receiver-of.ts';

/**
 * The uplink, loaded only if one is configured. The journal also says so: by that the analysis process puts captures in
 * the outbox.
 */
export async function openUplink(
  parts: Omit<AgentUplinkParts, 'uplink'> & {
    options: Pick<AgentOptions, 'uplink'>;
    hasJournal: boolean;
  },
): Promise<AgentUplink | null> {
  const { options, memory, emit, hasJournal } = parts;
  const { uplink } = options;
  if (uplink === null) {
    if (memory.read((journal) => journal.uplink()) != null)
      memory.write((journal) => journal.saveUplink(null));
    return null;
  }
  if (!hasJournal) {
    emit({ event: 'problem', message: 'No crash records will be sent: crashes are not being recorded.' });
    return null;
  }
  const { kind, endpoint, appVersion, remoteControl } = uplink;
  const url = new URL(endpoint);
  if (url.protocol === 'http:' && !isLoopback(url)) {
    const message = `Crash records and the token are sent to ${url.host} unencrypted: use https.`;
    emit({ event: 'problem', message });
  }
  const may = remoteControl?.recipient == null ? 'arm' : 'sessions';
  memory.write((journal) =>
    journal.saveUplink({
      ...{ kind, endpoint: `${url.origin}${url.pathname}`, appVersion },
      ...(remoteControl === undefined ? {} : { remoteControl: may }),
    }),
  );
  const { AgentUplink } = await import('./agent-uplink.ts');
  return new AgentUplink({ ...parts, uplink });
}
