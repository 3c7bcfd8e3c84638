import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** `file:line` of the comment THROW in a program; null if there is none. */
export function thrownAt(folder: string): string | null {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const file = path.join(folder, name);
    if (!statSync(file).isFile()) continue;
    const lines = readFileSync(file, 'utf8').split('\n');
    const index = lines.findIndex((line) => /(?:\/\/|#|;) THROW$/.test(line));
    if (index >= 0) return `${path.basename(name)}:${index + 1}`;
  }
  return null;
}
