/** A moment as part of a file name, in UTC, sorting by time: `20260131T235959.123Z`. */
export function fileTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replaceAll(/[-:]/g, '');
}

/** The moment in a name made by `fileTime`, null if it holds none. */
export function parseFileTime(text: string): number | null {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)$/, '$1-$2-$3T$4:$5:$6');
  const epochMs = Date.parse(iso);
  return iso !== text && Number.isFinite(epochMs) ? epochMs : null;
}
