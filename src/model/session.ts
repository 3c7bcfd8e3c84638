import type { RemoteStore } from './dump.ts';
import type { Instant } from './instant.ts';

/** A person's request to keep the dumps of one app on one instance for a while. Written by the CLI alone. */
export type Session = {
  /** 12 lower-case hexadecimal digits. */
  id: string;
  startedAt: Instant;
  /** Name of the user who started it. */
  startedBy: string;
  /** ID of the portal's account that asked for it; absent: it was started here. */
  account?: string;
  /** By the clocks of `startedAt`. */
  endsAtMs: number;
  /** It ends once so many dumps were kept. */
  maxDumps: number;
  /** Absolute path of the directory that dumps are kept in. */
  store: string;
  /** All memory of the worker is kept; absent in a session of an earlier version. */
  full?: boolean;
  /** What that costs, as it was said before; null if no process ran. */
  estimate?: WholeEstimate | null;
  /** A heap snapshot of Node.js is kept, too; absent: none. */
  heap?: HeapPlan;
  /** Where dumps are moved to from there; absent: they stay. */
  remote?: RemoteStore;
  /** The portal may have them, too, encrypted. */
  portalDumps?: boolean;
  /** The age recipient that dumps are encrypted to; null: they are not encrypted. */
  recipient: string | null;
  /** A dump is deleted after this. */
  keepMs: number;
  /** Of all dumps in the store. */
  maxDiskBytes: number;
  /** Only of processes of this name below the main one; absent: of all. */
  process?: string;
  /** null unless it was stopped manually. */
  stoppedAtMs: number | null;
};

export type WholeEstimate = {
  /** What the process held. */
  sizeBytes: number;
  /** How much longer it is held at a fatal signal. */
  holdMs: number;
  /** How fast memory is compressed here. */
  bytesPerSecond: number;
};

export type HeapPlan = {
  /** It is taken once the heap has this size; null, or more than that: at 90 % of its limit. */
  fromBytes: number | null;
  /** How long a snapshot held a process here for each megabyte (1e6 bytes) of its heap, measured before. */
  msPerMegabyte: number;
  /** If it would hold the worker for longer, none is taken. */
  longestMs: number;
};

/** Why the dump of a crash, or a heap snapshot, was not kept. */
export const REFUSALS = [
  'no-dump',
  'no-space',
  'max-disk',
  'store-unusable',
  'not-encrypted',
  'too-slow',
  'heap-too-long',
  'heap-no-memory',
  'heap-interrupted',
  'heap-failed',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What became of a session. Written by the analysis alone. */
export type SessionProgress = {
  /** ID of the session. */
  session: string;
  /** IDs of the crashes whose dumps were kept; some can be deleted again. */
  kept: string[];
  /** The newest dump that was not kept; null if all were. */
  refused: { crash: string; why: Refusal; atMs: number } | null;
};

/** When a session ends, by the clocks of `setAt`: those of its start can have been set since. Written by the agent alone. */
export type SessionEnd = {
  /** ID of the session. */
  session: string;
  expiresAtMs: number;
  setAt: Instant;
  /** When its time was seen to be over; absent before. No clock changes that. */
  overAt?: Instant;
};

/** A session with what became of it. Without `end` it ends as it was started. */
export type SessionRecord = { session: Session; progress: SessionProgress | null; end?: SessionEnd | null };
