import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readSource } from './read-source.ts';

/**
 * SHA-256 of the texts that Node compiles of a file as it is: whole, without its byte order mark, or in the wrapper of
 * CommonJS that some tools still make. Empty where there is no such file. Never throws.
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
 * When a file got its content or its name, whichever is later; null where there is no such file. By the change time too:
 * `cp -p`, rsync and unpacking give a new file the time of another machine's.
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
