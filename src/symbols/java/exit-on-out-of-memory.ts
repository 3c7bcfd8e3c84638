import { opendirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { performanceText } from '../../formats/java-class/performance-data.ts';
import { readRegularFile } from '../regular-file.ts';

/** Of the JVM, whatever `java.io.tmpdir` and `TMPDIR` say. */
const DIRECTORY = '/tmp';
const PREFIX = 'hsperfdata_';
/** The JVM writes 32 KB. */
const MAX_BYTES = 1024 * 1024;
/** In /tmp: another user's directory is looked for among these. */
const MAX_NAMES = 1_000;
const FLAG = /(?:^|\s)-XX:([+-])ExitOnOutOfMemoryError(?=\s|$)/g;

/**
 * Did a JVM that exited with code 3 do so because of `-XX:+ExitOnOutOfMemoryError`? That exit leaves out all cleanup, so
 * the data that it shares with tools, which `System.exit` and `halt` delete, is still there and names the flag. The next
 * JVM deletes it: ask before that starts. false if nothing shows it (`-XX:-UsePerfData`). Never throws.
 */
export function exitedOnOutOfMemory(pid: number): boolean {
  const own = ownDirectory();
  const bytes = (own === null ? null : dataIn(own, pid)) ?? dataOfOthers(pid);
  const args = bytes === null ? null : performanceText(bytes, 'java.rt.vmArgs');
  return Array.from((args ?? '').matchAll(FLAG)).at(-1)?.[1] === '+';
}

function ownDirectory(): string | null {
  try {
    return `${PREFIX}${userInfo().username}`;
  } catch {
    return null;
  }
}

function dataIn(directory: string, pid: number): Buffer | null {
  const content = readRegularFile(join(DIRECTORY, directory, `${pid}`), MAX_BYTES);
  return 'bytes' in content ? content.bytes : null;
}

/** A wrapper can start the JVM as another user. */
function dataOfOthers(pid: number): Buffer | null {
  try {
    using directory = opendirSync(DIRECTORY);
    for (let count = 0; count < MAX_NAMES; count++) {
      const entry = directory.readSync();
      if (entry === null) return null;
      const found = entry.name.startsWith(PREFIX) ? dataIn(entry.name, pid) : null;
      if (found !== null) return found;
    }
  } catch {
    // Then nothing shows it.
  }
  return null;
}
