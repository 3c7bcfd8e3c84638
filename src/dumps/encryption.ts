import { closeSync, constants, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { Dump, WholeDump } from '../model/dump.ts';
import { beginsEncrypted, type SealedDump } from '../model/sealed-dump.ts';

const IDENTITY = /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/;

/**
 * Checks a recipient.
 * @throws CrashmonError BAD_OPTION, without the text: it can be a secret key
 */
export function checkRecipient(text: string): void {
  const refuse = (why: string) => new CrashmonError('BAD_OPTION', `Invalid --key: ${why}.`);
  if (/^AGE-SECRET-KEY-/i.test(text)) {
    throw refuse(
      'this is a secret key. Give the public key that belongs to it (age1…): age-keygen -y shows it',
    );
  }
  if (!text.startsWith('age1')) throw refuse('expected an age public key (age1…), as age-keygen prints it');
  try {
    new Encrypter().addRecipient(text);
  } catch {
    throw refuse('this age public key is damaged. Copy it again: age-keygen -y shows it');
  }
}

/** The file of a dump in pieces: compressed, then encrypted if there is a recipient. Memory is not read faster than they are taken. */
export async function* sealDump(
  dump: Dump | WholeDump,
  recipient: string | null,
): AsyncGenerator<Uint8Array> {
  const pieces = Readable.from('core' in dump ? [dump.core] : dump.pieces(), { highWaterMark: 2 });
  const compressed = createZstdCompress();
  const failed = pipeline(pieces, compressed).then(
    () => null,
    (error: Error) => error,
  );
  try {
    if (recipient === null) yield* compressed;
    else {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      yield* await encrypter.encrypt(Readable.toWeb(compressed) as ReadableStream<Uint8Array>);
    }
  } catch (error) {
    throw pieces.errored ?? error;
  } finally {
    pieces.destroy();
    compressed.destroy();
  }
  const error = await failed;
  if (error !== null) throw error;
}

/**
 * A file that `sealDump` has made with a recipient: ciphertext, which is the only thing of a dump that a portal can be sent.
 * @throws CrashmonError DUMP_UNREADABLE for any other file; the error of the file system
 */
export function sealedFile(path: string): SealedDump & Disposable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const read = (position: number, length: number) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, position));
  };
  const stat = fstatSync(fd);
  if (!stat.isFile() || !beginsEncrypted(read(0, 64))) {
    closeSync(fd);
    throw new CrashmonError('DUMP_UNREADABLE', 'The dump is not encrypted.');
  }
  return {
    sizeBytes: stat.size,
    read,
    [Symbol.dispose]: () => closeSync(fd),
  } as unknown as SealedDump & Disposable;
}

/**
 * The other way.
 * @param from path, or the file itself
 * @param identities the text of an identity file of age; null: it is not encrypted
 * @param mostBytes what is longer is damaged
 * @throws CrashmonError DUMP_UNREADABLE
 */
export async function* openDump(
  from: string | Readable,
  identities: string | null,
  mostBytes: number,
): AsyncGenerator<Uint8Array> {
  const file = typeof from === 'string' ? createReadStream(from) : from;
  const damaged = () =>
    new CrashmonError('DUMP_UNREADABLE', 'The dump is damaged: it cannot be decompressed.');
  const compressed = identities === null ? file : await decrypt(file, identities);
  const core = createZstdDecompress();
  const failed = pipeline(compressed, core).then(
    () => null,
    () => damaged(),
  );
  let length = 0;
  try {
    for await (const piece of core as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > mostBytes) throw damaged();
      yield piece;
    }
  } catch {
    throw damaged();
  } finally {
    file.destroy();
    core.destroy();
  }
  const error = await failed;
  if (error !== null) throw error;
}

async function decrypt(file: Readable, identities: string): Promise<Readable> {
  const decrypter = new Decrypter();
  const keys = identities
    .split(/\r?\n/)
    .map((text) => text.trim())
    .filter((text) => IDENTITY.test(text));
  const none =
    'The --identity file has no age secret key (a line AGE-SECRET-KEY-1…). If it is protected by a passphrase, use age(1).';
  if (keys.length === 0) throw new CrashmonError('DUMP_UNREADABLE', none);
  try {
    for (const key of keys) decrypter.addIdentity(key);
    const core = await decrypter.decrypt(Readable.toWeb(file) as ReadableStream<Uint8Array>);
    return Readable.fromWeb(core as Parameters<typeof Readable.fromWeb>[0]);
  } catch {
    // The library's message can hold the key.
    throw new CrashmonError('DUMP_UNREADABLE', 'The dump cannot be decrypted with this --identity.');
  }
}
