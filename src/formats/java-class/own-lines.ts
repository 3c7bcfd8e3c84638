/**
 * How many lines are those of the source file itself, by a source map of Kotlin (JSR-45): it inlines functions and
 * numbers their lines beyond the end of the file. @returns null if all are
 */
export function ownLinesIn(map: string): number | null {
  const kotlin = map.indexOf('*S Kotlin\n');
  if (kotlin < 0) return null;
  const lines = map.indexOf('*L\n', kotlin);
  if (lines < 0) return 0;
  // Usually `1#1,20:1`: 20 lines from line 1 of file 1 are as they are.
  const first = /^1#1(?:,(\d{1,6}))?:1\n/.exec(map.slice(lines + 3, lines + 40));
  return first === null ? 0 : Number(first[1] ?? 1);
}
