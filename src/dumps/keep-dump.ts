import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Dump, type DumpFacts, type DumpKind, DumpLost, type WholeDump } from '../model/dump.ts';
import type { Instant } from '../model/instant.ts';
import type { Refusal, Session } from '../model/session.ts';
import { dumpName, factsName, noteName, temporaryName } from './dump-names.ts';
import { sealDump } from './encryption.ts';
import { bytesIn } from './list-dumps.ts';
import { checkStore } from './store-directory.ts';
import { sweepDumps } from './sweep-dumps.ts';

/** What a dump leaves free of a file system. */
const RESERVE_BYTES = 64 * 1024 * 1024;

/** A dump that is on the disk under a temporary name. */
export type PreparedDump = {
  /** Gives both files their names. @throws the error of the file system */
  put(): void;
  /** Removes them, unless they were put in their place. */
  discard(): void;
};

export type DumpRequest = {
  session: Pick<Session, 'store' | 'recipient' | 'maxDiskBytes'>;
  crash: string;
  kind: DumpKind;
  now: Instant;
  /** Then it is not kept. */
  isTooLate?: () => boolean;
  /** Of what is known only now. */
  factsOf(sizes: Pick<DumpFacts, 'sizeBytes' | 'coreBytes'>): DumpFacts;
};

/**
 * Writes a dump to the disk, without its name: a process that is killed leaves nothing that can be taken for a dump. null if it
 * is there already, or why it is not kept.
 * @throws DumpLost
 */
export async function prepareDump(
  dump: Dump | WholeDump,
  request: DumpRequest,
): Promise<PreparedDump | Refusal | null> {
  const { session, crash, kind, now, isTooLate = () => false, factsOf } = request;
  const { store, recipient, maxDiskBytes } = session;
  const encryption = recipient === null ? 'none' : 'age';
  const final = join(store, dumpName({ crash, encryption, kind }));
  try {
    checkStore(store, process.geteuid?.() ?? 0);
  } catch {
    return 'store-unusable';
  }
  await sweepDumps(store, now);
  if (existsSync(final) || existsSync(join(store, noteName(crash, 'stored')))) return null;
  const temporary = {
    core: join(store, temporaryName(crash, 'core', process.pid)),
    json: join(store, temporaryName(crash, 'json', process.pid)),
  };
  const discard = () => {
    for (const path of Object.values(temporary)) rmSync(path, { force: true });
  };
  try {
    const mostBytes = maxDiskBytes - (await bytesIn(store));
    const sizeBytes = await writeWhole(temporary.core, sealDump(dump, recipient), (length) => {
      if (isTooLate()) return 'too-slow';
      return length > mostBytes ? 'max-disk' : freeOf(store) < RESERVE_BYTES ? 'no-space' : null;
    });
    const coreBytes = 'core' in dump ? dump.core.length : dump.sizeBytes;
    const facts = Buffer.from(`${JSON.stringify(factsOf({ sizeBytes, coreBytes }))}\n`);
    await writeWhole(temporary.json, [facts], () => null);
  } catch (error) {
    discard();
    if (error instanceof DumpLost) throw error;
    if (error instanceof Refused) return error.why;
    if (!isSystemError(error)) return 'not-encrypted';
    return isFull(error) ? 'no-space' : 'store-unusable';
  }
  return {
    discard,
    put() {
      // The dump last: without its facts nothing would delete it in time.
      renameSync(temporary.json, join(store, factsName(crash)));
      renameSync(temporary.core, final);
      syncDirectory(store);
    },
  };
}

class Refused extends Error {
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(why);
    this.why = why;
  }
}

/**
 * @param refusal called before each piece is written, with the length of the file then
 * @returns the length of the file
 * @throws the error of the file system; Refused
 */
async function writeWhole(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  refusal: (length: number) => Refusal | null,
): Promise<number> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  rmSync(path, { force: true });
  const fd = openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  let length = 0;
  try {
    for await (const piece of pieces) {
      const why = refusal(length + piece.length);
      if (why !== null) throw new Refused(why);
      for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
      length += piece.length;
    }
    fsyncSync(fd);
    return length;
  } finally {
    closeSync(fd);
  }
}

function freeOf(store: string): number {
  const { bavail, bsize } = statfsSync(store);
  return bavail * bsize;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
