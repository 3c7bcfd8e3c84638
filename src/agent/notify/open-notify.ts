import type { AgentOptions } from '../agent-options.ts';
import type { AgentNotify, AgentNotifyParts } from './agent-notify.ts';
import { recipientNames, recipientText } from './recipient-names.ts';

/** Loaded only with recipients. The journal says so too, for the process that makes reports. */
export async function openNotify(
  parts: Omit<AgentNotifyParts, 'notify' | 'directory'> & {
    options: Pick<AgentOptions, 'notify' | 'disabled'>;
    directory: string | null;
    hasJournal: boolean;
  },
): Promise<AgentNotify | null> {
  const { options, memory, emit, directory, hasJournal } = parts;
  const { notify } = options;
  if (options.disabled !== null) return null;
  if (notify === null) {
    if (memory.read((journal) => journal.notify()) != null) {
      memory.write((journal) => journal.saveNotify(null));
    }
    return null;
  }
  if (directory === null || !hasJournal) {
    emit({ event: 'problem', message: 'No notifications will be sent: crashes are not being recorded.' });
    return null;
  }
  const recipients = recipientNames(notify).map(recipientText);
  memory.write((journal) => journal.saveNotify({ receivers: recipients, appVersion: notify.appVersion }));
  const { AgentNotify } = await import('./agent-notify.ts');
  return new AgentNotify({ ...parts, notify, directory });
}
