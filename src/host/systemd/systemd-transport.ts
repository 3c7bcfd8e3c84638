import type { readJournal } from '../../agent/read-journal.ts';
import type { BusListener, SystemdBus } from './bus.ts';

/** What connects to systemd and reads its journal. */
export type SystemdTransport = {
  connect: (address: string, listener: BusListener) => Promise<Bus>;
  readJournal: typeof readJournal;
};

export type Bus = Pick<
  SystemdBus,
  'services' | 'read' | 'command' | 'output' | 'reload' | 'restart' | 'close'
>;
