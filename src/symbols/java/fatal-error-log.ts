import { resolve } from 'node:path';
import { jvmOptions } from '../../formats/java-class/jvm-options.ts';
import { readRegularFile } from '../regular-file.ts';
import type { JavaProgram } from './class-finder.ts';

/** A whole one has some tens of kilobytes; what is read of it is at its start. */
const MAX_BYTES = 8 * 1024 * 1024;
/** On a busy machine a process is first seen while it ends, after it wrote its log. Process IDs are not reused so soon. */
const UNSEEN_MS = 10_000;

/**
 * What the JVM wrote about a fatal error of this process: where `-XX:ErrorFile=` says, else in its working directory, else
 * in `/tmp`. null if there is none, or it is older than the process. Private: it holds the environment and memory.
 */
export function readFatalErrorLog({
  args,
  cwd,
  seenAtMs,
  pid,
}: JavaProgram & { pid: number | null }): string | null {
  if (pid === null) return null;
  const name = `hs_err_pid${pid}.log`;
  const { errorFile } = jvmOptions(args);
  const isNew = ({ mtimeMs }: { mtimeMs: number }) => mtimeMs >= seenAtMs - UNSEEN_MS;
  const set = errorFile === null ? [] : [errorFile.replaceAll('%p', `${pid}`).replaceAll('%%', '%')];
  for (const file of [...set, name, `/tmp/${name}`]) {
    const content = readRegularFile(resolve(cwd, file), MAX_BYTES, isNew);
    if ('bytes' in content) return content.bytes.toString('utf8');
  }
  return null;
}
