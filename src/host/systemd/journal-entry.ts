/** An entry that systemd wrote about a unit. `systemd.journal-fields(7)`, `systemd/sd-messages.h`. */
export type UnitEntry = {
  what: keyof typeof MESSAGES;
  unit: string;
  invocationId: string;
  /** Without dashes. */
  bootId: string;
  cursor: string;
  atMs: number;
  fields: Readonly<Record<string, string>>;
};

/** `N_RESTARTS` … are in the entries that these name. */
export const MESSAGES = {
  started: '39f53479d3a045ac8e11786248231fbf',
  stopping: 'de5b426a63be47a7b6ac3eaac82e2f6f',
  exited: '98e322203f7a4ed290d09fe03c09fe15',
  failed: 'd9b373ed55a64feb8242e02dbe79a49c',
  succeeded: '7ad2d189f7e94e70a38c781354912448',
  restarting: '5eb03494b6584870a536b337290809b3',
  /** A manager of a user logs nothing else of a stop, and nothing of another good end. */
  stopped: '9d1aaa27d60140bd96365438aad20286',
} as const;

/** All that is read of these entries: never a message, a command line or an environment. */
export const ENTRY_FIELDS = [
  ...['MESSAGE_ID', 'UNIT', 'INVOCATION_ID', 'COMMAND', 'EXIT_CODE', 'EXIT_STATUS'],
  ...['UNIT_RESULT', 'N_RESTARTS', '_BOOT_ID'],
];

/** A line of `journalctl --output=json`; null for anything else. @param by the manager that wrote it */
export function parseUnitEntry(line: string, by: 'system' | 'user' = 'system'): UnitEntry | null {
  const fields = parseFields(line);
  if (fields === null) return null;
  const { MESSAGE_ID: id, _BOOT_ID: bootId } = fields;
  const prefix = by === 'user' ? 'USER_' : '';
  const [unit, invocationId] = [fields[`${prefix}UNIT`], fields[`${prefix}INVOCATION_ID`]];
  const what = (Object.keys(MESSAGES) as UnitEntry['what'][]).find((name) => MESSAGES[name] === id);
  const cursor = fields.__CURSOR;
  const atMs = Number(fields.__REALTIME_TIMESTAMP) / 1000;
  if (what === undefined || unit === undefined || invocationId === undefined) return null;
  if (bootId === undefined || cursor === undefined || !Number.isFinite(atMs)) return null;
  return { what, unit, invocationId, bootId, cursor, atMs, fields };
}

/** The fields of a line that are text. A field that was given several times is an array. */
function parseFields(line: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return null;
  }
}

/** A line of a unit's output: its bytes, and when it came. */
export type OutputEntry = { invocationId: string | null; pid: number; atMs: number; bytes: Buffer };

/** `MESSAGE` is text, or an array of bytes if it is not UTF-8. */
export function parseOutputEntry(line: string): OutputEntry | null {
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    const { MESSAGE: message, _SYSTEMD_INVOCATION_ID: id } = value;
    const atMs = Number(value.__REALTIME_TIMESTAMP) / 1000;
    const isBytes = typeof message === 'string' || Array.isArray(message);
    if (!isBytes || !Number.isFinite(atMs)) return null;
    const invocationId = typeof id === 'string' ? id : null;
    return { invocationId, pid: Number(value._PID) || 0, atMs, bytes: Buffer.from(message as string) };
  } catch {
    return null;
  }
}
