import { decodeRecord, isOwnRecord } from '../../formats/otlp/decode-record.ts';
import { badField, type ReceivedLog, readLogRecord } from '../../formats/otlp/received-log.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { SentRecord, TelemetryRecord } from '../../model/telemetry.ts';
import type { ReceivedResource } from './decode-request.ts';
import { foreignCrash, isForeignCrash } from './foreign/foreign-crash.ts';
import { ownReport } from './own-report.ts';
import { namedSource, type ReceivedSource, sourceOf } from './source-of.ts';

/** Why records are refused, for metrics. */
export type RefusedFor = 'app' | 'field' | 'time' | 'no-crash';

export type SortedRecords = {
  sent: SentRecord[];
  /** Records of the sender; a foreign crash counts once, although a crash and a report are stored. */
  taken: number;
  refused: { why: RefusedFor; sentence: string; count: number }[];
  /** Stored without their exception message. */
  withoutMessage: number;
  /** Stored with a time that is further ahead than clocks usually differ. */
  ahead: { count: number; mostMs: number };
};

/** The times of records that can be stored, Unix time in milliseconds. */
export type KeptTimes = { fromMs: number; toMs: number; nowMs: number };

const CLOCKS_DIFFER_MS = 5 * 60_000;

/** Longest work without a pause for the event loop. */
const SLICE_MS = 10;

/** Separates what one token sent into records to store and refused ones. */
export async function sortRecords(
  resources: readonly ReceivedResource[],
  app: string,
  times: KeptTimes,
): Promise<SortedRecords> {
  const sent: SentRecord[] = [];
  const refused = new Map<string, SortedRecords['refused'][number]>();
  let taken = 0;
  let withoutMessage = 0;
  const ahead = { count: 0, mostMs: 0 };
  const refuse = (why: RefusedFor, sentence: string, count: number) => {
    const known = refused.get(sentence);
    if (known === undefined) refused.set(sentence, { why, sentence, count });
    else known.count += count;
  };
  let pauseAtMs = performance.now() + SLICE_MS;
  const pause = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    pauseAtMs = performance.now() + SLICE_MS;
  };
  for (const { attributes, records } of resources) {
    if (records.length === 0) continue;
    if (performance.now() > pauseAtMs) await pause();
    const source = attempt(() => sourceOf(attributes));
    if (source instanceof CrashmonError) {
      refuse('field', source.message, records.length);
      continue;
    }
    if (source.app !== app) {
      refuse('app', `The token belongs to the app ${app}, but service.name is different.`, records.length);
      continue;
    }
    for (const json of records) {
      if (performance.now() > pauseAtMs) await pause();
      const read = attempt(() => readRecord(json, source, times));
      if (read instanceof CrashmonError) refuse('field', read.message, 1);
      else if ('why' in read) refuse(read.why, read.sentence, 1);
      else {
        taken++;
        if (read.hasMessage) withoutMessage++;
        sent.push(...read.sent);
        const aheadMs = (read.sent[0]?.record.atMs ?? 0) - times.nowMs;
        if (aheadMs <= CLOCKS_DIFFER_MS) continue;
        ahead.count++;
        ahead.mostMs = Math.max(ahead.mostMs, aheadMs);
      }
    }
  }
  return { sent, taken, refused: [...refused.values()], withoutMessage, ahead };
}

type ReadRecord = { sent: SentRecord[]; hasMessage: boolean } | { why: RefusedFor; sentence: string };

/** @throws CrashmonError BAD_REQUEST */
function readRecord(
  json: Readonly<Record<string, unknown>>,
  received: ReceivedSource,
  { fromMs, toMs }: KeptTimes,
): ReadRecord {
  const log = readLogRecord(json);
  const isOwn = isOwnRecord(log);
  if (!isOwn && !isForeignCrash(log, json.severityNumber)) return NO_CRASH;
  if (log.atMs === null) throw badField('timeUnixNano', 'is missing');
  if (log.atMs < fromMs) return TOO_OLD;
  if (log.atMs > toMs) return AHEAD;
  const source = namedSource(isOwn ? received : { ...received, instance: received.instance ?? 'unknown' });
  const records: TelemetryRecord[] = isOwn
    ? [bounded(decodeRecord(log, (report) => ownReport(report, source)))]
    : foreignCrash(log, textBody(json), source, received.attributes);
  return { sent: records.map((record) => ({ source, record })), hasMessage: hasMessage(log) };
}

/** Losses are added up, so that the sum must stay an exact number. */
function bounded(record: TelemetryRecord): TelemetryRecord {
  return record.type === 'loss' ? { ...record, count: Math.min(record.count, MAX_LOSS) } : record;
}

const MAX_LOSS = 1_000_000;

const NO_CRASH: ReadRecord = {
  why: 'no-crash',
  sentence: 'Not a crash: only app.crash events and exceptions of severity FATAL are stored.',
};
const TOO_OLD: ReadRecord = { why: 'time', sentence: 'Older than the retention.' };
const AHEAD: ReadRecord = {
  why: 'time',
  sentence: 'Its time is more than a day ahead: check the clock of the sender.',
};

function hasMessage({ attributes }: ReceivedLog): boolean {
  const message = attributes.get('exception.message');
  return message !== undefined && message !== '';
}

function textBody({ body }: Readonly<Record<string, unknown>>): string | null {
  const text = (body as { stringValue?: unknown } | null | undefined)?.stringValue;
  return typeof text === 'string' ? text : null;
}

/** Returns errors about bad records; throws all others. */
function attempt<Result>(read: () => Result): Result | CrashmonError {
  try {
    return read();
  } catch (error) {
    if (error instanceof CrashmonError) return error;
    throw error;
  }
}
