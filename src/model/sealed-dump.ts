declare const sealed: unique symbol;

/** A dump that is encrypted to a person's public key. Only the room that encrypts makes one (`dumps/encryption.ts`). */
export type SealedDump = {
  readonly [sealed]: true;
  readonly sizeBytes: number;
  /** @throws the error of the file system */
  read(position: number, length: number): Uint8Array;
};

/** What a portal takes at once: every part but the last has this length. */
export const PIECE_BYTES = 256 * 1024;

/** How a file of age begins. Memory that is not encrypted, compressed or not, begins otherwise. */
const BEGINNING = 'age-encryption.org/v1\n-> ';

export function beginsEncrypted(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, BEGINNING.length)).toString('latin1') === BEGINNING;
}

/** A dump that a portal would take, and how much of it is there. */
export type WantedDump = { crashUid: string; have: number };

/** In one answer. */
export const MOST_WANTED = 20;

const UID = /^[0-9a-f]{24}$/;

/** Reads a portal's list; what is not well-formed is left out. */
export function readWanted(value: unknown): WantedDump[] {
  return Array.isArray(value) ? value.slice(0, MOST_WANTED).flatMap((each) => readOne(each) ?? []) : [];
}

function readOne(value: unknown): WantedDump | null {
  const { crashUid, have } = { ...(value as object) } as Record<string, unknown>;
  if (typeof crashUid !== 'string' || !UID.test(crashUid)) return null;
  return Number.isSafeInteger(have) && Number(have) >= 0 ? { crashUid, have: Number(have) } : null;
}
