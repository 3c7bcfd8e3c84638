import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { CrashmonError } from '../../model/crashmon-error.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; region: string };

const DEFAULT_REGION = 'us-east-1';
const MAX_BYTES = 64 * 1024;

/**
 * The first section of a file as AWS's own tools have it.
 * @param uid the user of the agent, which alone may read it beside root
 * @throws CrashmonError BAD_OPTION, without a word of the file
 */
export function readCredentials(path: string, uid: number): Credentials {
  const refuse = (why: string) =>
    new CrashmonError('BAD_OPTION', `Cannot use --s3-credentials ${path}: ${why}.`);
  let fd: number | null = null;
  let text: string;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MAX_BYTES) throw refuse('it is no file of credentials');
    if (stat.uid !== uid) throw refuse(`it belongs to user ${stat.uid}, and crashmon runs as user ${uid}`);
    if ((stat.mode & 0o077) !== 0) throw refuse('other users have access to it: give it mode 600');
    text = readFileSync(fd, 'utf8');
  } catch (error) {
    if (error instanceof CrashmonError) throw error;
    throw refuse(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  } finally {
    if (fd !== null) closeSync(fd);
  }
  const values = new Map(
    Array.from(text.matchAll(/^[ \t]*(\w+)[ \t]*=[ \t]*(\S+)[ \t]*$/gm), ([, name = '', value = '']) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const accessKeyId = values.get('aws_access_key_id');
  const secretAccessKey = values.get('aws_secret_access_key');
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw refuse('it needs lines aws_access_key_id = … and aws_secret_access_key = …');
  if (values.has('aws_session_token'))
    throw refuse(
      'credentials with a session token, as roles have, are not supported. Give the keys of a user who may only put, get and delete objects there',
    );
  return { accessKeyId, secretAccessKey, region: values.get('region') ?? DEFAULT_REGION };
}
