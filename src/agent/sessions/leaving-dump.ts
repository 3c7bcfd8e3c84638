import { dumpName } from '../../dumps/dump-names.ts';
import type { Leaving } from '../../journal/receipts.ts';
import type { DumpKind } from '../../model/dump.ts';
import type { Session } from '../../model/session.ts';

/**
 * For `crashmon receipt`: a dump that is to be moved to a bucket. It is written with the dump, so it stays when that is deleted.
 * @param run that it is of
 */
export function leavingDump(
  { remote, recipient }: Session,
  { crash, kind, run }: { crash: string; kind: DumpKind; run: string },
): Leaving[] {
  if (remote === undefined) return [];
  const { endpoint, bucket, prefix } = remote;
  const name = dumpName({ crash, kind, encryption: recipient === null ? 'none' : 'age' });
  const destination = [endpoint, bucket, prefix, name].filter((part) => part !== '').join('/');
  const about = { uid: `${crash}-b`, what: 'dump', crashes: [run], counted: null };
  return [{ ...about, destination, content: 'Its dump, encrypted.', source: null }];
}
