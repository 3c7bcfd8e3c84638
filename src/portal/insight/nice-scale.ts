/** A round maximum at or above `most`, and where lines stand below it: whole numbers, two to five of them. */
export function niceScale(most: number): { max: number; lines: number[] } {
  if (most <= 4) {
    const max = Math.max(1, most);
    return { max, lines: Array.from({ length: max }, (_, at) => at + 1) };
  }
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = [1, 2, 2.5, 5, 10]
    .map((factor) => factor * power)
    .find((each) => most / each <= 4 && each % 1 === 0);
  const width = step ?? 10 * power;
  const max = Math.ceil(most / width) * width;
  return { max, lines: Array.from({ length: Math.round(max / width) }, (_, at) => (at + 1) * width) };
}
