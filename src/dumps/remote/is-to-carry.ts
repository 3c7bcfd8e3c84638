import type { Instant } from '../../model/instant.ts';
import { isOver } from '../../policy/expiry.ts';
import type { KeptDump } from '../list-dumps.ts';

/** Is there something to move to a bucket, or to delete there? */
export function isToCarry({ facts, isStored }: KeptDump, now: Instant): boolean {
  return facts.remote !== null && (!isStored || isOver(facts, now));
}
