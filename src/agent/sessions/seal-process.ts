import { readSync } from 'node:fs';
import { type DumpRequest, prepareDump } from '../../dumps/keep-dump.ts';
import { joinJournal } from '../../journal/join-journal.ts';
import { placeRequest } from '../../journal/requests.ts';
import { type DumpKind, DumpLost, dumpFactsOf, wholeDumpOf } from '../../model/dump.ts';
import type { EndedRun } from '../../model/run.ts';
import type { SessionRecord } from '../../model/session.ts';
import { keptFor } from '../../policy/expiry.ts';
import { isInSession, isSessionRunning } from '../../policy/session-state.ts';
import { systemClock } from '../clock.ts';
import { leavingDump } from './leaving-dump.ts';
import { startCarrying } from './start-carrying.ts';

/** The one argument; the file is file descriptor 3. */
export type SealJob = {
  kind: Exclude<DumpKind, 'core'>;
  /** State directory of the app and instance. */
  directory: string;
  app: string;
  instance: string;
  /** IDs of the dump, its run and its session. */
  id: string;
  run: string;
  session: string;
  executable: string;
  takenAtMs: number;
  /** The crash that it is of, which must be in the session; null: the session must still run. */
  ended: Pick<EndedRun, 'diedAt' | 'process' | 'status'> | null;
  sizeBytes: number;
};

const FD = 3;
const PIECE_BYTES = 256 * 1024;
/** At the lowest priority a busy machine gives it little time; until then a heap snapshot takes up room on the disk. */
const LONGEST_MS = 2 * 60 * 60_000;

/** Keeps a heap snapshot, or a file of a runtime, as a dump, unless its session has ended. A process that is killed leaves nothing. */
async function seal(job: SealJob): Promise<void> {
  using journal = joinJournal(job.directory);
  const clock = systemClock();
  const isWanted = (record: SessionRecord) =>
    record.session.id === job.session &&
    (job.ended === null ? isSessionRunning(record, clock()) : isInSession(record, job.ended, clock().bootId));
  const record = journal.session();
  if (record === null || !isWanted(record)) return;
  const { session } = record;
  const now = clock();
  const request: DumpRequest = {
    ...{ session, crash: job.id, kind: job.kind, now },
    isTooLate: () => performance.now() > LONGEST_MS,
    factsOf: (sizes) =>
      dumpFactsOf({
        ...{
          v: 1,
          kind: job.kind,
          crash: job.id,
          ofRun: job.run,
          app: job.app,
          instance: job.instance,
          session: session.id,
        },
        ...{
          status: job.ended?.status ?? { type: 'unknown' },
          exceptionType: null,
          executable: job.executable,
          modules: [],
        },
        encryption: session.recipient === null ? 'none' : 'age',
        ...{ whole: null, remote: session.remote ?? null, portal: false, ...sizes },
        ...{ diedAtMs: job.takenAtMs, ...keptFor(session.keepMs, now) },
      }),
  };
  const prepared = await prepareDump(wholeDumpOf(job.sizeBytes, pieces(job.sizeBytes)), request);
  if (prepared === null) return;
  if (typeof prepared === 'string') {
    journal.refuseDump({ crash: job.run, why: prepared, atMs: now.wallMs });
    return;
  }
  try {
    const { id: crash, kind, run } = job;
    journal.keepDump(crash, isWanted, prepared.put, leavingDump(session, { crash, kind, run }));
  } finally {
    prepared.discard();
  }
  if (session.remote !== undefined) await startCarrying(session.store, now);
}

function pieces(sizeBytes: number): () => Iterable<Uint8Array> {
  return function* () {
    for (let at = 0; at < sizeBytes; ) {
      const piece = new Uint8Array(PIECE_BYTES);
      const count = readSync(FD, piece, 0, piece.length, at);
      if (count === 0) throw new DumpLost();
      yield piece.subarray(0, count);
      at += count;
    }
  };
}

/** The agent follows a process that takes a heap snapshot itself. Of what was taken after an end it learns here. */
function report({ directory, ended }: SealJob): void {
  if (ended === null) return;
  try {
    placeRequest(directory, 'override');
  } catch {
    // It looks by itself within ten minutes.
  }
}

const job = JSON.parse(process.argv[2] ?? '{}') as SealJob;
await seal(job);
report(job);
