import type { KeptDump, UnfinishedDump } from '../../dumps/list-dumps.ts';
import { refusalWords } from '../../explain/refusal-words.ts';
import { troubleWords } from '../../explain/trouble-words.ts';
import { formatByteSize } from '../../formats/byte-size.ts';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { RemoteStore } from '../../model/dump.ts';
import type { Instant } from '../../model/instant.ts';
import type { HeapPlan, Session, SessionRecord } from '../../model/session.ts';
import { isOver } from '../../policy/expiry.ts';
import { sessionState } from '../../policy/session-state.ts';
import type { CliContext } from '../context.ts';
import { unbroken } from '../render/layout.ts';
import { line } from '../render/safe-text.ts';
import { isoTime, localTime } from '../render/times.ts';

/** `a session keeps dumps: 23 h left (until 09:10:00), 2 of 3 dumps left; started by ann`, or how it ended. */
export function sessionSentence(record: SessionRecord, context: CliContext): string {
  const now = context.now();
  const { session } = record;
  const { state, leftMs, dumpsLeft } = sessionState(record, now);
  const of = session.process === undefined ? '' : ` of ${line(session.process)}`;
  const kept = session.maxDumps - dumpsLeft;
  const keptWords = plural(kept, 'dump was', 'dumps were');
  switch (state) {
    case 'running': {
      const until = localTime(now.wallMs + leftMs, context, now.wallMs);
      return `a session keeps dumps${of}: ${formatDuration(leftMs)} left (until ${until}), ${dumpsLeft} of ${plural(session.maxDumps, 'dump')} left; started by ${line(session.startedBy)}`;
    }
    case 'count':
      return `the last session has ended: ${keptWords} kept`;
    case 'time':
      return `the time of the last session is over: ${keptWords} kept`;
    case 'stopped':
      return `the last session was stopped: ${keptWords} kept`;
  }
}

/** The newest dump that was not kept; null if all were. */
export function refusedSentence({ session, progress }: SessionRecord): string | null {
  const refused = progress?.session === session.id ? progress.refused : null;
  return refused === null
    ? null
    : `the dump of ${line(refused.crash)} was not kept: ${refusalWords(refused.why)}`;
}

export function limitsSentence({ session }: SessionRecord): string {
  const { keepMs, maxDiskBytes, recipient, store, full = false, heap } = session;
  const secrecy = recipient === null ? notEncrypted(store) : `Encrypted to ${line(recipient)}.`;
  const toPortal = session.portalDumps === true ? ' The portal gets them, too.' : '';
  const memory = `${full ? 'Dumps of fatal signals have all memory. ' : ''}${heap === undefined ? '' : `${heapWords(heap)} `}`;
  return `${memory}Each is deleted after ${formatDuration(keepMs)}; all of a store have at most ${formatByteSize(maxDiskBytes)}. ${secrecy}${toPortal}`;
}

function heapWords({ fromBytes, longestMs }: HeapPlan): string {
  const when = fromBytes === null ? 'near its limit' : `from ${formatByteSize(fromBytes)} on`;
  return `A heap snapshot is taken ${when}, if that holds the worker for at most ${formatDuration(longestMs)}.`;
}

function placeOf({ endpoint, bucket, prefix }: RemoteStore): string {
  return `s3://${bucket}${prefix === '' ? '' : `/${prefix}`} at ${endpoint}`;
}

export function keptSentence({ store, remote, portalDumps = false }: Session): string {
  const here = unbroken(line(store));
  return remote === undefined
    ? `Dumps are kept in ${here}.${portalDumps ? ' The portal gets them, too, encrypted, if it takes dumps.' : ''}`
    : `Dumps are kept in ${unbroken(line(placeOf(remote)))}; until they are there, in ${here}.`;
}

/** null if no dump waits for its bucket. */
export function waitingSentence(waiting: readonly KeptDump[], now: Instant): string | null {
  if (waiting.length === 0) return null;
  const trouble = waiting.map((dump) => dump.trouble).find((each) => each !== null);
  const why =
    trouble == null
      ? ''
      : ` (${troubleWords(trouble.why)}; tried ${plural(trouble.attempts, 'time', 'times')}, last ${formatDuration(Math.max(0, now.wallMs - trouble.atMs))} ago)`;
  const areOver = waiting.every(({ facts }) => isOver(facts, now));
  const words = plural(waiting.length, 'dump waits', 'dumps wait');
  return `${words} to be ${areOver ? 'deleted in' : 'moved to'} the bucket${why}`;
}

/** null if none is being written. */
export function unfinishedSentence(unfinished: readonly UnfinishedDump[], now: Instant): string | null {
  const [oldest] = unfinished;
  if (oldest === undefined) return null;
  const sizeBytes = unfinished.reduce((sum, each) => sum + each.sizeBytes, 0);
  const words = plural(unfinished.length, 'dump is', 'dumps are');
  const sinceMs = Math.max(0, now.wallMs - oldest.sinceMs);
  return `${words} being written: ${formatByteSize(sizeBytes)} so far, in ${formatDuration(sinceMs)}; at the lowest priority`;
}

/** The honest warning. */
export function notEncrypted(store: string): string {
  return `Dumps are not encrypted: root and the owner of ${line(store)} can read memory of the worker there. To encrypt them, give --key.`;
}

export function sessionJson(
  { app, instance }: { app: string; instance: string },
  record: SessionRecord,
  now: Instant,
): object {
  const { session, progress } = record;
  const { state, endsAtMs, dumpsLeft } = sessionState(record, now);
  const { id, startedAt, startedBy, maxDumps, store, recipient, keepMs, maxDiskBytes } = session;
  const { full = false, estimate = null, portalDumps = false } = session;
  const refused = progress?.session === id ? progress.refused : null;
  return {
    process: session.process ?? null,
    ...{ id, app, instance, state, startedBy, maxDumps, dumpsLeft, store, recipient, keepMs, maxDiskBytes },
    ...{
      full,
      estimate,
      heap: session.heap ?? null,
      portalDumps,
      bucket: session.remote === undefined ? null : placeOf(session.remote),
    },
    startedAt: isoTime(startedAt.wallMs),
    endsAt: isoTime(endsAtMs),
    refused:
      refused === null ? null : { crash: refused.crash, reason: refused.why, at: isoTime(refused.atMs) },
  };
}
