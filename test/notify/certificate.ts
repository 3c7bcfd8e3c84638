import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.ts';

export type Certificate = { key: string; cert: string };

/** A certificate for `localhost` and 127.0.0.1 that only the test trusts. */
export async function selfSigned(): Promise<Certificate> {
  await using directory = await temporaryDirectory('certificate');
  const key = path.join(directory.path, 'key.pem');
  const cert = path.join(directory.path, 'cert.pem');
  const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
  execFileSync(
    'openssl',
    [
      'req',
      ...options.split(' '),
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
