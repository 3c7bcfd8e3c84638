/**
 * The only name that starts with the input or is closest to it: one edit per three letters (a swap counts as one). null
 * if none or several match.
 */
export function didYouMean(written: string, names: readonly string[]): string | null {
  if (written.length > 40) return null;
  const longer = names.filter((name) => written.length >= 3 && name.startsWith(written));
  if (longer.length === 1) return longer[0] ?? null;
  const near = names
    .map((name) => ({ name, distance: editDistance(written, name) }))
    .filter(({ name, distance }) => distance <= Math.max(name.length, written.length) / 3)
    .sort((one, other) => one.distance - other.distance);
  const [first, second] = near;
  return first === undefined || first.distance === second?.distance ? null : first.name;
}

/** Damerau–Levenshtein distance (optimal string alignment). */
function editDistance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const changed = one[row - 1] === other[column - 1] ? 0 : 1;
      const swapped =
        one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
          ? (beforeLast[column - 2] ?? Number.POSITIVE_INFINITY) + 1
          : Number.POSITIVE_INFINITY;
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + changed,
        swapped,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? 0;
}
