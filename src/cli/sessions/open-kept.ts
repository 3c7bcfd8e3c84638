import { createReadStream, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { dumpName } from '../../dumps/dump-names.ts';
import { openDump, sealedFile } from '../../dumps/encryption.ts';
import type { KeptDump } from '../../dumps/list-dumps.ts';
import { BucketTrouble } from '../../dumps/remote/trouble.ts';
import { codeOf } from '../../dumps/store-directory.ts';
import { troubleWords } from '../../explain/trouble-words.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { line } from '../render/safe-text.ts';

const MAX_IDENTITY_BYTES = 1024 * 1024;
/** What is in memory at once. Stacks have 16 MB at most. */
const MAX_CORE_BYTES = 256 * 1024 * 1024;

type Kept = Pick<KeptDump, 'facts' | 'path' | 'isStored'>;

/** The file of a dump, wherever it is. @throws CrashmonError DUMP_UNREADABLE */
export async function fileOf({ facts, path, isStored }: Kept): Promise<Readable> {
  if (!isStored || facts.remote === null) return createReadStream(path);
  const { Bucket } = await import('../../dumps/remote/bucket.ts');
  try {
    return await new Bucket(facts.remote).get(dumpName(facts));
  } catch (error) {
    if (!(error instanceof BucketTrouble)) throw error;
    throw new CrashmonError(
      'DUMP_UNREADABLE',
      `The dump cannot be read from its bucket: ${troubleWords(error.why)}.`,
    );
  }
}

/**
 * The core in pieces.
 * @param identity path of an age identity file
 * @returns null for an encrypted dump without one
 * @throws CrashmonError DUMP_UNREADABLE, BAD_OPTION
 */
export async function openKept(
  dump: Kept,
  identity: string | undefined,
): Promise<AsyncIterable<Uint8Array> | null> {
  const { encryption, coreBytes } = dump.facts;
  if (encryption === 'age' && identity === undefined) return null;
  const identities = encryption === 'none' || identity === undefined ? null : readIdentities(identity);
  return openDump(await fileOf(dump), identities, coreBytes);
}

/**
 * The core of an encrypted file, in pieces.
 * @throws CrashmonError DUMP_UNREADABLE, BAD_OPTION
 */
export async function* openFile(path: string, identity: string): AsyncIterable<Uint8Array> {
  const identities = readIdentities(identity);
  const refuse = (why: string) => new CrashmonError('DUMP_UNREADABLE', `Cannot read ${line(path)}: ${why}.`);
  try {
    sealedFile(path)[Symbol.dispose]();
  } catch (error) {
    throw refuse(error instanceof CrashmonError ? 'it is no encrypted dump' : codeOf(error));
  }
  yield* openDump(path, identities, Number.POSITIVE_INFINITY);
}

/** All of it. @returns null for an encrypted dump without an identity, and for one that is too large; @throws as above */
export async function readKept(dump: Kept, identity: string | undefined): Promise<Buffer | null> {
  if (dump.facts.coreBytes > MAX_CORE_BYTES) return null;
  const opened = await openKept(dump, identity);
  return opened === null ? null : await buffer(opened);
}

function readIdentities(path: string): string {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new CrashmonError('DUMP_UNREADABLE', `The --identity file ${line(path)} cannot be read: ${code}.`);
  }
  if (text.length > MAX_IDENTITY_BYTES) throw new CrashmonError('BAD_OPTION', '--identity is no key file.');
  return text.toString('utf8');
}
