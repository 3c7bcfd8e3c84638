import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readSource } from './read-source.ts';

/**
 * SHA-256 of the texts that Node compiles from a file: whole, without its byte order mark, or in the CommonJS wrapper of
 * some tools. Empty if the file does not exist. Never throws.
 */
export function scriptHashes(path: string): readonly string[] {
  const text = readSource(path);
  if (text === null) return [];
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return [text, bare, `${WRAPPER[0]}${bare}${WRAPPER[1]}`].map((each) =>
    createHash('sha256').update(each).digest('hex'),
  );
}

/**
 * Modification or change time of a file, whichever is later; null if it does not exist. Change time too, because `cp -p`,
 * rsync and unpacking set old modification times.
 */
export function changedAtMs(path: string): number | null {
  try {
    const { mtimeMs, ctimeMs } = statSync(path);
    return Math.max(mtimeMs, ctimeMs);
  } catch {
    return null;
  }
}

const WRAPPER = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'] as const;
