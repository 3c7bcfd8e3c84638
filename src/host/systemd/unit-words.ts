import { statSync } from 'node:fs';
import type { NoWords } from '../no-words.ts';
import type { JournalAccess } from './journal-access.ts';
import type { Properties } from './unit-snapshot.ts';

/** Of the service's half (systemd.exec(5)). */
export const OUTPUT_PROPERTIES = [
  'StandardError',
  'StandardOutput',
  'LogLevelMax',
  'SyslogLevel',
  'LogNamespace',
] as const;

/** By its unit's settings: why the journal does not have what a service prints last; null if it has. */
export function unitHasNoWords(properties: Properties): NoWords | null {
  const { StandardError: own, StandardOutput: shared, LogLevelMax: max, SyslogLevel: level } = properties;
  const target = own === 'inherit' ? shared : own;
  if (target === 'null') return 'discarded';
  if (target === 'file' || target === 'append' || target === 'truncate') return 'file';
  // Without an answer of systemd there is nothing to say.
  if (typeof target !== 'string') return null;
  if (target !== 'journal' && target !== 'journal+console') return 'elsewhere';
  if (typeof properties.LogNamespace === 'string' && properties.LogNamespace !== '') return 'namespace';
  // -1: no limit. Lines without a level have that of the unit.
  const isFiltered = typeof max === 'number' && typeof level === 'number' && max >= 0 && level > max;
  return isFiltered ? 'filtered' : null;
}

/** The same for this user, of a process that runs. @param uid of this user */
export function userHasNoWords(
  properties: Properties,
  pid: number,
  access: JournalAccess,
  uid: number | undefined,
): NoWords | null {
  const words = unitHasNoWords(properties);
  if (words !== null || access === 'all') return words;
  const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  return access === 'own' && owner === uid ? null : 'no-access';
}
