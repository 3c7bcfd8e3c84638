import { listWords } from '../../formats/quantity-words.ts';
import { oneLine } from './one-line.ts';

/** `web-1, web-2 and 7 more`. */
export function nameList(names: readonly string[], total: number, most = 3): string {
  return listWords(
    names.slice(0, most + 1).map((name) => oneLine(name, 60)),
    most + 1,
    total,
  );
}

/** `25 Nov 2026, 08:53:07 UTC`. */
export function instant(epochMs: number, timeZone: string | null): string {
  return writer(timeZone, {
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    timeZoneName: 'short',
  })(epochMs);
}

/** `25 Nov 2026`. */
export function day(epochMs: number, timeZone: string | null): string {
  return writer(timeZone, {})(epochMs);
}

function writer(timeZone: string | null, more: Intl.DateTimeFormatOptions): (epochMs: number) => string {
  const format = formatIn(timeZone ?? 'UTC', { day: 'numeric', month: 'short', year: 'numeric', ...more });
  return (epochMs) =>
    Number.isFinite(epochMs) && Math.abs(epochMs) <= 8.64e15 ? format.format(epochMs) : 'an unknown time';
}

/** UTC if this system does not know the zone: another system may have stored it. */
function formatIn(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
  }
}
