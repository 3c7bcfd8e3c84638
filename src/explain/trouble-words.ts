import type { Trouble } from '../model/dump.ts';

/** Why a dump is not in its bucket, or still there. */
export function troubleWords(why: Trouble['why']): string {
  return {
    credentials: 'the file of --s3-credentials cannot be used',
    away: 'the server does not answer',
    refused: 'the server refuses: wrong credentials, region, or permissions',
    'no-bucket': 'there is no such bucket',
    'too-large': 'it is larger than 5 GB, which is the most for one request',
  }[why];
}
