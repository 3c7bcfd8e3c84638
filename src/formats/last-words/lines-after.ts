/** Lines that follow the last words: without empty ones, and those that the runtime adds. */
export function linesAfter(lines: readonly string[], from: number, added?: RegExp): number {
  let count = 0;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line !== '' && added?.test(line) !== true) count++;
  }
  return count;
}
