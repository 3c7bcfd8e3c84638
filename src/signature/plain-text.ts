/** One line of at most so many characters, without anything that a terminal or a reader's eye would obey. */
export function plainText(text: string, maxLength: number): string {
  const clean = text.slice(0, 2000).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  const characters = [...clean];
  return characters.length <= maxLength ? clean : `${characters.slice(0, maxLength - 1).join('')}…`;
}
