import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';

export const BUCKET = 'dumps';

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
export function writeCredentials(file: string, secret = 'S3RVER'): string {
  writeFileSync(file, `[default]\naws_access_key_id = S3RVER\naws_secret_access_key = ${secret}\n`, {
    mode: 0o600,
  });
  return file;
}
