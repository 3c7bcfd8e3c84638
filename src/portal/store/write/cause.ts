import { insertNew } from '../database/write-rows.ts';
import { shortHash } from '../encode.ts';
import { keyOf } from '../key-of.ts';
import { OTHER_GROUP } from '../limits.ts';
import type { Finding, StoredCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

type CauseFacts = Pick<Finding, 'exceptionType' | 'code' | 'signal'>;

/** Without a group of its own, a crash counts without the names that its sender chose. */
const factsIn = (group: string, { exceptionType, code, signal }: CauseFacts): CauseFacts =>
  group === OTHER_GROUP ? { exceptionType: null, code: null, signal } : { exceptionType, code, signal };

export function causeOf(group: string, kind: string, status: string, finding: CauseFacts): string {
  const { exceptionType, code, signal } = factsIn(group, finding);
  return shortHash(kind, status, exceptionType, code, signal);
}

export async function storeCauses(
  { dialect, transaction }: WriteContext,
  crashes: readonly StoredCrash[],
): Promise<void> {
  if (crashes.length === 0) return;
  const rows = new Map(
    crashes.map(({ appId, cause, kind, status, group, finding }) => {
      const { exceptionType, code, signal } = factsIn(group, finding);
      const row = { app_id: appId, id: cause, kind, exception_type: exceptionType, signal, code, status };
      return [keyOf(appId, cause), row];
    }),
  );
  await insertNew(dialect, 'causes', [...rows.values()]).execute(transaction);
}
