import type { CrashFacts } from '../model/crash-facts.ts';
import type { FormedSignature, SignaturePart } from './formed-signature.ts';
import { hashOf } from './hash.ts';
import { normalSpelling } from './normal-spelling.ts';
import { plainText } from './plain-text.ts';
import { formV1 } from './v1/form-v1.ts';

export type Signature = {
  /** The newest version first: `v1:` and 16 hexadecimal digits. */
  values: string[];
  /** What people call the group: plain text of one line, at most 120 characters. */
  title: string;
  /** How the newest version was formed. */
  parts: SignaturePart[];
};

/**
 * The newest first. A version that has been released is never edited, because what it formed is stored: changes become
 * a new one, and the older stays as long as groups that began with it may go on.
 */
const VERSIONS: readonly { name: string; form: (facts: CrashFacts) => FormedSignature }[] = [
  { name: 'v1', form: formV1 },
];

const MAX_TITLE = 120;

/**
 * Groups crashes of one cause. Does not depend on messages, positions, addresses, build hashes, versions or generated
 * names, and not on how a language spells them. Throws nothing, whatever the facts hold.
 */
export function signatureOf(facts: CrashFacts): Signature {
  const { facts: normal, spelledTitle, spelledFrame } = normalSpelling(facts);
  const formed = VERSIONS.map(({ name, form }) => ({ name, ...form(normal) }));
  const newest = formed[0];
  return {
    values: formed.map(({ name, key }) => `${name}:${hashOf(key)}`),
    title: plainText(spelledTitle(newest?.title ?? ''), MAX_TITLE),
    parts: (newest?.parts ?? []).map(({ used, text, why }) => ({
      used,
      text: plainText(spelledFrame(text), MAX_TITLE),
      why,
    })),
  };
}
