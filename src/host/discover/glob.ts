/** Does the whole text match? `*` is any number of characters, `?` is one; both also match `/`. Never slow. */
export function matchesGlob(glob: string, text: string): boolean {
  let star = -1;
  let retry = 0;
  let at = 0;
  for (let index = 0; index < text.length; ) {
    if (glob[at] === '*') {
      star = at++;
      retry = index;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      // Only the last star is tried again: what an earlier one matched can stay as it is.
      at = star + 1;
      index = ++retry;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
