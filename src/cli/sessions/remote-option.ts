import { resolve } from 'node:path';
import { readCredentials } from '../../dumps/remote/credentials.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { RemoteStore } from '../../model/dump.ts';
import { line } from '../render/safe-text.ts';

type Options = { store?: string; endpoint?: string; s3Credentials?: string; key?: string };

const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The bucket of `--store s3://…`; null for a directory.
 * @param uid the user of the agent
 * @throws CrashmonError BAD_OPTION
 */
export function remoteOf(options: Options, uid: number): RemoteStore | null {
  const { store = '', endpoint, s3Credentials: file, key } = options;
  if (!store.startsWith('s3:')) {
    if (endpoint !== undefined || file !== undefined)
      throw bad('--endpoint and --s3-credentials are for --store s3://….');
    return null;
  }
  const [, bucket, path = ''] = BUCKET.exec(store) ?? [];
  if (bucket === undefined)
    throw bad(`Invalid --store ${line(store)}: expected s3://bucket or s3://bucket/prefix.`);
  if (key === undefined) throw bad('--store s3://… needs --key: a dump leaves this machine only encrypted.');
  if (file === undefined)
    throw bad(
      '--store s3://… needs --s3-credentials, a file with the keys of a user. Roles (of an instance, a container or a web identity) are not supported.',
    );
  const credentials = resolve(file);
  const { region } = readCredentials(credentials, uid);
  return {
    endpoint: originOf(endpoint ?? `https://s3.${region}.amazonaws.com`),
    bucket,
    prefix: path.split('/').filter(Boolean).join('/'),
    credentials,
  };
}

function originOf(text: string): string {
  const url = URL.parse(text);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (url === null || !isSafe || `${url.origin}/` !== url.href)
    throw bad('Invalid --endpoint: expected https://host, or http:// of this machine, without a path.');
  return url.origin;
}

function bad(message: string): CrashmonError {
  return new CrashmonError('BAD_OPTION', message);
}
