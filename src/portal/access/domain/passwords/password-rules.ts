import { isUsualPassword } from './usual-passwords.ts';

export const LEAST_PASSWORD = 12;
const MOST_PASSWORD = 1024;

/** Why a password will not do, as a sentence for who chose it; null where it will. There are no rules of composition. */
export function whyNotPassword(password: string, name: string): string | null {
  const folded = fold(password);
  const length = [...password.normalize('NFKC')].length;
  if (length < LEAST_PASSWORD)
    return `The password has ${length === 1 ? '1 character' : `${length} characters`}; it takes at least ${LEAST_PASSWORD}. Some words that nobody would guess do well.`;
  if (length > MOST_PASSWORD) return `The password is longer than ${MOST_PASSWORD} characters.`;
  const own = lettersOf(name);
  if (own !== '' && lettersOf(password).replaceAll(own, '').length < 4 && lettersOf(password).includes(own))
    return 'The password is little more than the name. Choose another one.';
  if (new Set(folded).size < 4) return 'The password repeats very few characters. Choose another one.';
  if (isUsualPassword(folded))
    return 'This is one of the passwords that everybody tries first. Choose another one.';
  return null;
}

function lettersOf(text: string): string {
  return fold(text).replace(/[^\p{L}\p{N}]/gu, '');
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
