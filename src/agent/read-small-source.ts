import { readSource } from '../symbols/read-source.ts';

/** The agent stays small. */
const MAX_SOURCE_BYTES = 1024 * 1024;

/** As `readSource`, for the agent itself. */
export function readSmallSource(path: string): string | null {
  return readSource(path, MAX_SOURCE_BYTES);
}
