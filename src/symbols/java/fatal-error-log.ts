import { resolve } from 'node:path';
import { jvmOptions } from '../../formats/java-class/jvm-options.ts';
import { fatalErrorLogs } from '../../formats/runtime-files.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { onHost, placesOf } from '../locate.ts';
import { readRegularFile } from '../regular-file.ts';
import type { JavaProgram } from './class-finder.ts';

/** A whole one has some tens of kilobytes; what is read of it is at its start. */
const MAX_BYTES = 8 * 1024 * 1024;
/** On a busy machine a process is first seen while it ends, after it wrote its log. Process IDs are not reused so soon. */
const UNSEEN_MS = 10_000;

/** The first process of each container has the same ID; between two of them there is more time. */
const CLOCK_MS = 50;

type Jvm = JavaProgram & Pick<ObservedProgram, 'pid' | 'ownPid' | 'startedPid'>;
/** When a process began and ended. */
type Life = { fromMs: number; untilMs: number };

/**
 * What the JVM wrote about a fatal error of this process: where `-XX:ErrorFile=` says, else in its working directory, else
 * in `/tmp`. null if there is none, or it is of another process. Private: it holds the environment and memory.
 */
export function readFatalErrorLog(
  { args, cwd, seenAtMs, pid: seenPid, ownPid, startedPid }: Jvm,
  { fromMs, untilMs }: Life,
  locate = onHost,
): string | null {
  const pid = ownPid ?? seenPid ?? startedPid;
  if (pid === undefined) return null;
  const isNew = ({ mtimeMs }: { mtimeMs: number }) =>
    ownPid === undefined
      ? mtimeMs >= seenAtMs - UNSEEN_MS
      : mtimeMs >= fromMs - CLOCK_MS && mtimeMs <= untilMs + CLOCK_MS;
  const files = fatalErrorLogs(jvmOptions(args), pid);
  for (const place of files.flatMap((file) => placesOf(resolve(cwd, file), locate))) {
    const content = readRegularFile(place, MAX_BYTES, isNew);
    if ('bytes' in content) return content.bytes.toString('utf8');
  }
  return null;
}
