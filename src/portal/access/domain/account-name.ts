export const MOST_NAME = 64;
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'_@+-]{0,63}$/u;

/** What an account of that name is called; null where it cannot be one. */
export function accountName(given: string): string | null {
  const name = typedName(given);
  return NAME.test(name) ? name : null;
}

export const NAME_SENTENCE = `A name can have up to ${MOST_NAME} letters, digits, spaces and . ' _ @ + -, and starts with a letter or digit.`;

/** A name as it is looked up, however it was typed. */
export function typedName(given: string): string {
  return given.normalize('NFKC').trim().replace(/ +/g, ' ');
}
