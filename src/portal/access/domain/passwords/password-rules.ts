import { isUsualPassword } from './usual-passwords.ts';

export const LEAST_PASSWORD = 12;
const MOST_PASSWORD = 1024;

/** Why a password is rejected, as a sentence; null: accepted. There are no rules of composition. */
export function whyNotPassword(password: string, name: string): string | null {
  const folded = fold(password);
  const length = [...password.normalize('NFKC')].length;
  if (length < LEAST_PASSWORD)
    return `The password has ${length === 1 ? '1 character' : `${length} characters`}; at least ${LEAST_PASSWORD} are required. A few unrelated words work well.`;
  if (length > MOST_PASSWORD) return `The password is longer than ${MOST_PASSWORD} characters.`;
  const own = lettersOf(name);
  if (own !== '' && lettersOf(password).replaceAll(own, '').length < 4 && lettersOf(password).includes(own))
    return 'The password is too similar to the name. Choose another one.';
  if (new Set(folded).size < 4) return 'The password uses too few different characters. Choose another one.';
  if (isUsualPassword(folded)) return 'This is a common password. Choose another one.';
  return null;
}

function lettersOf(text: string): string {
  return fold(text).replace(/[^\p{L}\p{N}]/gu, '');
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
