import type { WantedDump } from '../../model/sealed-dump.ts';

/** What the process that sends dumps gets on its standard input. */
export type DumpJob = {
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  instance: string;
  dumps: (WantedDump & { path: string })[];
};

/** By its exit code. 1 is a failure of its own. */
export const OUTCOMES: Readonly<Record<number, 'sent' | 'away' | 'refused' | 'unreadable'>> = {
  0: 'sent',
  2: 'away',
  3: 'refused',
  4: 'unreadable',
};
