import { readRegularFile } from './regular-file.ts';

/** Larger sources cost too much memory beside the app. */
const MAX_SOURCE_BYTES = 32 * 1024 * 1024;

/** Text of a source file; null unless it is a readable regular file within the limit. Never throws, never waits. */
export function readSource(path: string, maxBytes = MAX_SOURCE_BYTES): string | null {
  const content = readRegularFile(path, maxBytes);
  return 'bytes' in content ? content.bytes.toString('utf8') : null;
}
