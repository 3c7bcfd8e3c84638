import type { WantedDump } from '../../../model/sealed-dump.ts';

/** A dump of an instance. */
export type DumpKey = { app: string; instance: string; crashUid: string };

/**
 * `unknown`: no instance keeps such a dump, or its time is over. `not-encrypted`: as the instance says itself. `too-large`: it never
 * fits. `full`: there is no room now. `wrong-part`: of another length.
 */
export type CopyRefusal = 'unknown' | 'not-encrypted' | 'too-large' | 'full' | 'wrong-part';

/** Encrypted dumps. Each is here for as long as its instance keeps it and `expiresAtMs` is not over. */
export type CopyStore = {
  /** What an instance keeps encrypted, and is not here as a whole; newest first. @param roomBytes of all dumps */
  wantedCopies(app: string, instance: string, roomBytes: number, nowMs: number): Promise<WantedDump[]>;
  /** Adds the part that follows; one that was added before changes nothing. @returns how much is there, or why it is not */
  addPiece(
    key: DumpKey,
    piece: { position: number; bytes: Uint8Array },
    roomBytes: number,
    nowMs: number,
  ): Promise<number | CopyRefusal>;
  /** A part of a dump that is here as a whole; null if there is none, or its time is over. */
  readPiece(key: DumpKey, position: number, nowMs: number): Promise<Uint8Array | null>;
};
