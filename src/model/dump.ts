import type { ExitStatus } from './exit.ts';
import type { Instant } from './instant.ts';
import type { WholeMemoryObstacle } from './whole-memory.ts';

declare const staysHere: unique symbol;

/**
 * The memory of a worker, for a store of dumps and nothing else. It is neither a record nor a report, so the journal, the outbox and
 * the uplink cannot take it.
 */
export type Dump = { readonly [staysHere]: true; readonly core: Uint8Array };

/** All memory of a worker, in a core file that is read in pieces as it is written. */
export type WholeDump = {
  readonly [staysHere]: true;
  readonly sizeBytes: number;
  /** @throws DumpLost */
  readonly pieces: () => Iterable<Uint8Array>;
};

/** The memory of the ended process was given back before all of it was read. */
export class DumpLost extends Error {}

/** A bucket that dumps are moved to. Only encrypted ones are. */
export type RemoteStore = {
  /** Origin of the S3-compatible server. */
  endpoint: string;
  bucket: string;
  /** Of the names of objects; empty or without slashes around it. */
  prefix: string;
  /** Absolute path of the file with the credentials. */
  credentials: string;
};

export const TROUBLES = ['credentials', 'away', 'refused', 'no-bucket', 'too-large'] as const;

/** What failed with a bucket, the last time. */
export type Trouble = { why: (typeof TROUBLES)[number]; attempts: number; atMs: number };

/** A core, V8's heap snapshot, or a file that a runtime writes by itself at its end. */
export const DUMP_KINDS = ['core', 'heap-snapshot', 'java-heap', 'java-error', 'dotnet-dump'] as const;
export type DumpKind = (typeof DUMP_KINDS)[number];

/** How its file is called. */
export const DUMP_EXTENSIONS: Readonly<Record<DumpKind, string>> = {
  core: 'core',
  'heap-snapshot': 'heapsnapshot',
  'java-heap': 'hprof',
  'java-error': 'hs_err',
  'dotnet-dump': 'dmp',
};

/** An image that was loaded into the worker. */
export type DumpModule = { path: string; buildId: string };

/** What is known of a kept dump, as the file beside it has it. It stays on this machine, too. */
export type DumpFacts = Facts & { readonly [staysHere]: true };

type Facts = {
  v: 1;
  kind: DumpKind;
  /** ID of the crash, which is also that of its report and of the dump. All but a core have one of their own. */
  crash: string;
  /** ID of the run that it was taken in, and of its crash if that ended in one. null: of a core. */
  ofRun: string | null;
  app: string;
  instance: string;
  session: string;
  status: ExitStatus;
  /** null if nothing was thrown, or there is no report. */
  exceptionType: string | null;
  /** Absolute path of the program. */
  executable: string;
  modules: DumpModule[];
  encryption: 'age' | 'none';
  /** null: all memory was not asked for. Why it is not in the dump, or `whole`. */
  whole: 'whole' | WholeMemoryObstacle | null;
  /** null: it stays on this machine. */
  remote: RemoteStore | null;
  /** The portal may have it, too, encrypted. */
  portal: boolean;
  /** Of the file. */
  sizeBytes: number;
  /** Before it was compressed. */
  coreBytes: number;
  diedAtMs: number;
  keptAtMs: number;
  expiresAtMs: number;
  /** The clocks that `expiresAtMs` was set by. */
  setAt: Instant;
};

export function dumpOf(core: Uint8Array): Dump {
  return { core } as Dump;
}

export function wholeDumpOf(sizeBytes: number, pieces: () => Iterable<Uint8Array>): WholeDump {
  return { sizeBytes, pieces } as WholeDump;
}

export function dumpFactsOf(facts: Facts): DumpFacts {
  return facts as DumpFacts;
}
