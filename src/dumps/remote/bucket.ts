import { openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { S3mini } from 's3mini';
import type { RemoteStore } from '../../model/dump.ts';
import { readCredentials } from './credentials.ts';
import { BucketTrouble } from './trouble.ts';

/** Of one request of S3. A larger one would need parts, which a killed upload leaves behind. */
const MAX_OBJECT_BYTES = 5 * 1024 ** 3;
const LONGEST_MS = 60 * 60_000;
const SHORT_MS = 30_000;

/** The objects of a store. An upload is one request, so that half an object never exists. */
export class Bucket {
  readonly #remote: RemoteStore;

  constructor(remote: RemoteStore) {
    this.#remote = remote;
  }

  /** @throws BucketTrouble */
  async put(name: string, path: string): Promise<void> {
    const file = await openAsBlob(path);
    if (file.size > MAX_OBJECT_BYTES) throw new BucketTrouble('too-large');
    await this.#try(LONGEST_MS, async (client) => {
      await (await client.putObject(this.#key(name), file)).body?.cancel();
      if ((await client.getContentLength(this.#key(name))) !== file.size) throw new BucketTrouble('refused');
    });
  }

  /** @throws BucketTrouble */
  async get(name: string): Promise<Readable> {
    return await this.#try(LONGEST_MS, async (client) => {
      const answer = await client.getObjectResponse(this.#key(name));
      if (answer?.body == null) throw new BucketTrouble('no-bucket');
      return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
    });
  }

  /** Also if it is not there. @throws BucketTrouble */
  async remove(name: string): Promise<void> {
    await this.#try(SHORT_MS, (client) => client.deleteObject(this.#key(name)));
  }

  #key(name: string): string {
    return this.#remote.prefix === '' ? name : `${this.#remote.prefix}/${name}`;
  }

  async #try<T>(timeoutMs: number, act: (client: S3mini) => Promise<T>): Promise<T> {
    try {
      return await act(this.#client(timeoutMs));
    } catch (error) {
      throw error instanceof BucketTrouble ? error : new BucketTrouble(whyOf(error));
    }
  }

  #client(timeoutMs: number): S3mini {
    const { endpoint, bucket, credentials } = this.#remote;
    let read: ReturnType<typeof readCredentials>;
    try {
      read = readCredentials(credentials, process.geteuid?.() ?? 0);
    } catch {
      throw new BucketTrouble('credentials');
    }
    return new S3mini({
      ...read,
      endpoint: `${endpoint}/${bucket}`,
      requestAbortTimeout: timeoutMs,
      // A dump goes where the person said, and nowhere else.
      fetch: (input, init) => fetch(input, { ...init, redirect: 'error' }),
    });
  }
}

function whyOf(error: unknown): 'away' | 'refused' | 'no-bucket' {
  const { status = 0 } = error as { status?: number };
  if (status === 404) return 'no-bucket';
  return status >= 400 && status < 500 ? 'refused' : 'away';
}
