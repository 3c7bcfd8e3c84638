import { fstatSync, readSync } from 'node:fs';
import type { DumpRequest, PreparedDump, prepareDump } from '../../dumps/keep-dump.ts';
import type { Journal } from '../../journal/journal.ts';
import type { CrashReport } from '../../model/crash-report.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import {
  type Dump,
  type DumpFacts,
  DumpLost,
  type DumpModule,
  dumpFactsOf,
  dumpOf,
  type WholeDump,
} from '../../model/dump.ts';
import type { Instant } from '../../model/instant.ts';
import type { EndedRun } from '../../model/run.ts';
import type { Refusal, SessionRecord } from '../../model/session.ts';
import type { WholeMemoryObstacle } from '../../model/whole-memory.ts';
import { keptFor } from '../../policy/expiry.ts';
import { isInSession } from '../../policy/session-state.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import { systemClock } from '../clock.ts';
import { leavingDump } from './leaving-dump.ts';
import { readWholeMemory } from './read-whole-memory.ts';
import { startCarrying } from './start-carrying.ts';

type Known = {
  /** Absolute path; null: there is no dump, of a crash that leaves none. */
  program: string | null;
  /** null if the analysis failed. */
  report: CrashReport | null;
};

/**
 * Keeps the dump of a crash if it happened in a session. For the analysis process, which has the unnamed file open; repeatable.
 * @throws CrashmonError of the journal alone: what else fails is recorded
 */
export async function keepSessionDump(
  journal: Journal,
  job: AnalysisJob,
  ended: EndedRun,
  known: Known,
): Promise<void> {
  const record = journal.session();
  const now = systemClock()();
  if (known.program === null || record === null || !isInSession(record, ended, now.bootId)) return;
  const why = await tryToKeep(journal, record, { job, ended, ...known, program: known.program, now });
  if (why !== null) journal.refuseDump({ crash: ended.id, why, atMs: Date.now() });
}

type Crash = {
  job: AnalysisJob;
  ended: EndedRun;
  program: string;
  report: CrashReport | null;
  now: Instant;
};

async function tryToKeep(
  journal: Journal,
  { session }: SessionRecord,
  { job, ended, program, report, now }: Crash,
): Promise<Refusal | null> {
  if (job.dumpFd === null) return 'no-dump';
  const { id, diedAt, status } = ended;
  try {
    // Loaded only in a session: the code for encryption takes a while.
    const { prepareDump } = await import('../../dumps/keep-dump.ts');
    const trimmed = readDump(job.dumpFd);
    const memory = session.full === true ? wholeOf(trimmed, job) : null;
    const request = (whole: DumpFacts['whole']): DumpRequest => ({
      ...{ session, crash: id, kind: 'core', now },
      factsOf: (sizes) =>
        dumpFactsOf({
          ...{
            v: 1,
            crash: id,
            kind: 'core',
            ofRun: null,
            app: job.app,
            instance: job.instance,
            session: session.id,
            status,
          },
          exceptionType: report?.native?.cxxExceptionType ?? report?.exception?.type ?? null,
          executable: program.replace(/ \(deleted\)$/, ''),
          modules: report === null ? [] : modulesOf(report),
          encryption: session.recipient === null ? 'none' : 'age',
          whole,
          remote: session.remote ?? null,
          portal: session.portalDumps === true && session.recipient !== null,
          ...sizes,
          ...{ diedAtMs: diedAt.wallMs, ...keptFor(session.keepMs, now) },
        }),
    });
    const prepared = await prepareEither(prepareDump, { trimmed, memory, request });
    if (prepared === null || typeof prepared === 'string') return prepared;
    try {
      // Another crash can have been the last one that is kept, or a person has stopped the session.
      journal.keepDump(
        id,
        (then) => then.session.id === session.id && isInSession(then, ended, now.bootId),
        prepared.put,
        leavingDump(session, { crash: id, kind: 'core', run: id }),
      );
      if (session.remote !== undefined) await startCarrying(session.store, now);
      return null;
    } finally {
      prepared.discard();
    }
  } catch (error) {
    if (!(error instanceof CrashmonError) && !isSystemError(error)) throw error;
    return 'store-unusable';
  }
}

type Choice = {
  trimmed: Dump;
  /** Why there is not all memory; null if that is not asked for. */
  memory: WholeDump | WholeMemoryObstacle | null;
  request: (whole: DumpFacts['whole']) => DumpRequest;
};

/** All memory, or else what the report is made of: that is better than none. */
async function prepareEither(
  prepare: typeof prepareDump,
  { trimmed, memory, request }: Choice,
): Promise<PreparedDump | Refusal | null> {
  if (memory === null || typeof memory === 'string') return await prepare(trimmed, request(memory));
  try {
    const prepared = await prepare(memory, request('whole'));
    const hasNoRoom = prepared === 'max-disk' || prepared === 'no-space';
    return hasNoRoom ? await prepare(trimmed, request('no-room')) : prepared;
  } catch (error) {
    if (!(error instanceof DumpLost)) throw error;
    return await prepare(trimmed, request('lost'));
  }
}

function wholeOf(trimmed: Dump, { whole = 'no-signal' }: AnalysisJob): WholeDump | WholeMemoryObstacle {
  if (typeof whole === 'string') return whole;
  try {
    return readWholeMemory(trimmed.core, { ...whole, maps: readText(whole.maps) });
  } catch (error) {
    if (error instanceof DumpLost || error instanceof CrashmonError) return 'lost';
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

function readDump(fd: number): Dump {
  return dumpOf(readFile(fd));
}

function readText(fd: number): string {
  return readFile(fd).toString('utf8');
}

/** The position of the open file is shared with its writer. */
function readFile(fd: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(fd, bytes, at, bytes.length - at, at);
    if (count === 0) break;
    at += count;
  }
  return bytes;
}

function modulesOf({ frames, native }: CrashReport): DumpModule[] {
  const all = [frames, ...(native?.otherThreads ?? []).map((thread) => thread.frames)].flat();
  const builds = all.flatMap((frame): [string, string][] => {
    const { image = null, buildId = null } = frame.native ?? {};
    return image === null || buildId === null ? [] : [[image, buildId]];
  });
  return Array.from(new Map(builds), ([path, buildId]) => ({ path, buildId }));
}
