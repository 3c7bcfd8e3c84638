const NO_BREAK_SPACE = '\u00a0';

/** Breaks a paragraph at spaces, but not in text from `unbroken`; every line begins with `indent`. */
export function wrap(text: string, { indent, columns }: { indent: string; columns: number }): string {
  const width = Math.max(20, columns - indent.length);
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  lines.push(current);
  return lines.map((part) => `${indent}${part.replaceAll(NO_BREAK_SPACE, ' ')}`.trimEnd()).join('\n');
}

/** Splits a name that is too long for a line, if possible after a space or punctuation. */
export function breakName(name: string, width: number): string[] {
  const parts: string[] = [];
  let rest = [...name];
  while (rest.length > width && width > 0) {
    let end = width;
    while (end > width / 2 && !/[ ,:<>(]/.test(rest[end - 1] ?? '')) end--;
    if (end <= width / 2) end = width;
    parts.push(rest.slice(0, end).join('').trimEnd());
    rest = rest.slice(end);
  }
  return [...parts, rest.join('')];
}

/** Text that stays on one line, such as a command to copy. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', NO_BREAK_SPACE);
}

/** A list entry: further lines align with the text of the first. */
export function bullet(text: string, columns: number): string {
  return `  - ${wrap(text, { indent: '    ', columns }).trimStart()}`;
}

/** Truncates text to a width, with an ellipsis. */
export function clip(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

/** Rows of cells in aligned columns, two spaces apart; cells contain no color codes. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - [...cell].length)))
      .join('  ')
      .trimEnd(),
  );
}
