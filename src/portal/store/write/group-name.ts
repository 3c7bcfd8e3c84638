import type { CrashFacts } from '../../../model/crash-facts.ts';
import { signatureOf } from '../../../signature/signature.ts';

export type GroupName = {
  title: string;
  exceptionType: string | null;
  hasStack: boolean;
  /** The portal forms the same signature from these facts as the sender. */
  fits: boolean;
};

/** `OTHER_GROUP`: nothing replaces its name. */
export const OTHER_NAME: GroupName = {
  ...{ title: 'Other causes', exceptionType: null, hasStack: true, fits: false },
};

/** The portal's name of a group: formed from facts that it checked, never from the sender's own title. */
export function groupName(facts: CrashFacts, signatures: readonly string[]): GroupName {
  const { title, values } = signatureOf(facts);
  return {
    title,
    exceptionType: facts.exceptionType,
    hasStack: facts.frames.length > 0,
    fits: values.some((value) => signatures.includes(value)),
  };
}

/** A group keeps its name; only the first stack replaces it, and only if the signature fits. */
export const improves = (name: GroupName, known: Pick<GroupName, 'hasStack'>): boolean =>
  name.fits && name.hasStack && !known.hasStack;
