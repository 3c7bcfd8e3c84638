import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type RuntimeFile, runtimeFiles } from '../../formats/runtime-files.ts';
import type { Journal } from '../../journal/journal.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import type { EndedRun } from '../../model/run.ts';
import { elapsedMs } from '../../policy/elapsed.ts';
import { isInSession } from '../../policy/session-state.ts';
import { type Locate, onHost, placesOf } from '../../symbols/locate.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import { systemClock } from '../clock.ts';
import { startSealing } from './start-sealing.ts';

/** The clock of a file system is coarser. */
const CLOCK_MS = 50;
const HEAD_BYTES = 256;

type Ended = Pick<EndedRun, 'id' | 'startedAt' | 'diedAt' | 'process' | 'status'>;

/**
 * In a session: copies of the files that the runtime itself has written about this end become dumps, in processes of their own, as they can have
 * gigabytes. The files stay where the owner of the app wanted them.
 * @param env of the program, as far as it is known
 */
export function takeRuntimeFiles(
  journal: Journal,
  { app, instance, directory }: Pick<AnalysisJob, 'app' | 'instance' | 'directory'>,
  ended: Ended,
  { program, locate, env }: { program: ObservedProgram; locate: Locate; env: NodeJS.ProcessEnv },
): void {
  const record = journal.session();
  if (record === null || !isInSession(record, ended, systemClock()().bootId)) return;
  const pid = program.ownPid ?? program.pid ?? program.startedPid;
  if (pid === undefined || pid === null) return;
  for (const file of runtimeFiles(program, pid, env)) {
    const found = openRuntimeFile(
      file,
      (path) => placesOf(resolve(program.cwd, path), locate),
      ended,
      locate === onHost,
    );
    if (found === null) continue;
    const { diedAt, process, status } = ended;
    startSealing(
      {
        ...{ app, instance, directory, run: ended.id, session: record.session.id, kind: file.kind },
        ...{ id: idOf(ended.id, file.kind), executable: program.executable },
        ...{ takenAtMs: diedAt.wallMs, ended: { diedAt, process, status }, sizeBytes: found.sizeBytes },
      },
      found.fd,
    );
    closeSync(found.fd);
  }
}

/** The same for each attempt at one exit. */
function idOf(runId: string, kind: string): string {
  return createHash('sha256').update(`${runId} ${kind}`).digest('hex').slice(0, runId.length);
}

/** The first that is there, is a regular file, of this end, and begins as it should. Close its descriptor. */
export function openRuntimeFile(
  { paths, begins }: RuntimeFile,
  placesIn: (path: string) => readonly string[],
  { startedAt, diedAt }: Pick<Ended, 'startedAt' | 'diedAt'>,
  isOnHost: boolean,
): { fd: number; sizeBytes: number } | null {
  // The clock can have been set back since.
  const sinceMs = Math.min(startedAt.wallMs, diedAt.wallMs - elapsedMs(startedAt, diedAt));
  for (const place of paths.flatMap(placesIn)) {
    let fd: number | null = null;
    try {
      // Opening a device can have effects.
      if (!statSync(place).isFile()) continue;
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
      // Elsewhere no link was followed on the way.
      fd = openSync(place, O_RDONLY | O_NONBLOCK | (isOnHost ? O_NOFOLLOW : 0));
      const stat = fstatSync(fd);
      const isOfThisEnd = stat.mtimeMs >= sinceMs - CLOCK_MS && stat.mtimeMs <= diedAt.wallMs + CLOCK_MS;
      // Nor does a name lead to a file of another user: it would have another one there.
      if (stat.isFile() && stat.nlink === 1 && isOfThisEnd && begins.test(headOf(fd)))
        return { fd, sizeBytes: stat.size };
    } catch {
      // There is none, or it cannot be read.
    }
    if (fd !== null) closeSync(fd);
  }
  return null;
}

function headOf(fd: number): string {
  const bytes = Buffer.alloc(HEAD_BYTES);
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
}
