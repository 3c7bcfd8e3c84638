import type { CoreTarget } from '../../model/system-core.ts';

/** What follows for a fatal signal that is not captured; null if nothing does. No full stop. */
export function coreHandlerText(target: CoreTarget | null): string | null {
  return target === null ? null : TEXTS[target];
}

const TEXTS: Readonly<Record<CoreTarget, string | null>> = {
  'systemd-coredump':
    'systemd-coredump handles core dumps: a fatal signal that is not captured gets its call stack from the journal',
  abrt: 'ABRT handles core dumps: a fatal signal that is not captured gets its call stack from /var/spool/abrt',
  apport: 'Apport handles core dumps: it keeps no call stack, so a fatal signal needs a capture',
  other: null,
  file: null,
};
