import { OTHER_GROUP } from '../limits.ts';
import { causeOf, type Finding } from './crash-rows.ts';

type Found = Pick<Finding, 'exceptionType' | 'code' | 'signal'>;

/** What of a finding tells causes apart: for crashes without a group of their own no names that senders choose. */
export const ofGroup = (group: string, { exceptionType, code, signal }: Found): Found =>
  group === OTHER_GROUP ? { exceptionType: null, code: null, signal } : { exceptionType, code, signal };

export const causeIn = (group: string, kind: string, status: string, finding: Found): string =>
  causeOf(kind, status, ofGroup(group, finding));
