import type { CrashFacts } from '../../../model/crash-facts.ts';
import { signatureOf } from '../../../signature/signature.ts';

export type GroupName = {
  title: string;
  exceptionType: string | null;
  hasStack: boolean;
  /** The portal forms the same signature from these facts as their sender. */
  fits: boolean;
};

/** What the portal calls a group: formed from facts that it checked, never from a sender's own title. */
export function groupName(facts: CrashFacts, signatures: readonly string[]): GroupName {
  const { title, values } = signatureOf(facts);
  return {
    title,
    exceptionType: facts.exceptionType,
    hasStack: facts.frames.length > 0,
    fits: values.some((value) => signatures.includes(value)),
  };
}

/** A name stays once it is given. Only a stack replaces it, where there was none, and only the group's own. */
export const improves = (name: GroupName, known: Pick<GroupName, 'hasStack'>): boolean =>
  name.fits && name.hasStack && !known.hasStack;
