import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';
import { DUMMY_ACCOUNT } from '@20minutes/s3rver/lib/models/account.js';

export const BUCKET = 'dumps';
/** Long enough to be searched for. */
export const KEYS = { id: 'QWACCESSKEYIDZ', secret: 'qwsecretaccesskeyz' } as const;
DUMMY_ACCOUNT.createKeyPair(KEYS.id, KEYS.secret);

/** A server of S3's protocol that checks signatures, on loopback; it knows one pair of keys. */
export type BucketServer = AsyncDisposable & {
  endpoint: string;
  port: number;
  /** Bytes of an object; null if there is none. */
  object(name: string): Buffer | null;
};

export async function bucketServer(directory: string, port = 0): Promise<BucketServer> {
  const server = new S3rver({
    ...{
      address: '127.0.0.1',
      port,
      silent: true,
      directory,
      configureBuckets: [{ name: BUCKET, configs: [] }],
    },
  });
  const { port: used } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${used}`,
    port: used,
    object(name) {
      const file = path.join(directory, BUCKET, `${name}._S3rver_object`);
      return existsSync(file) ? readFileSync(file) : null;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Credentials as AWS's tools have them. */
export function credentials(secret: string = KEYS.secret): string {
  return `[default]\naws_access_key_id = ${KEYS.id}\naws_secret_access_key = ${secret}\n`;
}

export function writeCredentials(file: string, secret?: string): string {
  writeFileSync(file, credentials(secret), { mode: 0o600 });
  return file;
}
