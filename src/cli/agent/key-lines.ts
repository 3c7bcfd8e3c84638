import { parse } from 'smol-toml';

/**
 * The first line of each key of a TOML document, by its path joined with NUL. TOML parsers do not say where a value was;
 * this reads only headers and the starts of lines, and is for messages.
 */
export function readKeyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let section: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    const isHeader = trimmed.startsWith('[');
    const key = isHeader
      ? /^\[[^[\]]+\]/.exec(trimmed)?.[0]
      : /^(?:[\w.-]+|"[^"]*"|'[^']*')+(?=\s*=)/.exec(trimmed)?.[0];
    const path = key === undefined ? null : pathOf(isHeader ? key : `${key} = 0`);
    if (path === null) continue;
    if (isHeader) section = path;
    const full = isHeader ? path : [...section, ...path];
    for (let length = full.length; length > 0; length--) {
      const part = full.slice(0, length).join('\0');
      if (!lines.has(part)) lines.set(part, index + 1);
    }
  }
  return lines;
}

/** `apps."web shop".window = 0` is `['apps', 'web shop', 'window']`. */
function pathOf(definition: string): string[] | null {
  try {
    const path: string[] = [];
    for (let table: unknown = parse(definition); typeof table === 'object' && table !== null; ) {
      const [first] = Object.entries(table);
      if (first === undefined) break;
      path.push(first[0]);
      table = first[1];
    }
    return path;
  } catch {
    // Part of a text that goes over several lines.
    return null;
  }
}
