import { decodeRecord, isOwnRecord } from '../../formats/otlp/decode-record.ts';
import { badField, type ReceivedLog, readLogRecord } from '../../formats/otlp/received-log.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { SentRecord, TelemetryRecord } from '../../model/telemetry.ts';
import type { ReceivedResource } from './decode-request.ts';
import { foreignCrash, isForeignCrash } from './foreign/foreign-crash.ts';
import { ownReport } from './own-report.ts';
import { namedSource, type ReceivedSource, sourceOf } from './source-of.ts';

/** Why records are refused, in words of a closed set, for counting. */
export type RefusedFor = 'app' | 'field' | 'time' | 'no-crash';

export type SortedRecords = {
  sent: SentRecord[];
  /** Of the sender's; a foreign crash is one, though a crash and a report are stored. */
  taken: number;
  refused: { why: RefusedFor; sentence: string; count: number }[];
  /** Taken without their exception message. */
  withoutMessage: number;
  /** Taken with a time that is ahead by more than clocks differ. */
  ahead: { count: number; mostMs: number };
};

/** From when on and until when records can be stored, Unix time in milliseconds. */
export type KeptTimes = { fromMs: number; toMs: number; nowMs: number };

const CLOCKS_DIFFER_MS = 5 * 60_000;

/** Work at a stretch, before the event loop has its turn. */
const SLICE_MS = 10;

/** Sorts what one token sent into what can be stored and what is refused, record by record. */
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
      refuse('app', `The token is of the app ${app}, and service.name is another.`, records.length);
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

/** Losses are added up, so that no sum may leave what can be counted exactly. */
function bounded(record: TelemetryRecord): TelemetryRecord {
  return record.type === 'loss' ? { ...record, count: Math.min(record.count, MAX_LOSS) } : record;
}

const MAX_LOSS = 1_000_000;

const NO_CRASH: ReadRecord = {
  why: 'no-crash',
  sentence: 'It is no crash: only app.crash events and exceptions of severity FATAL are kept.',
};
const TOO_OLD: ReadRecord = { why: 'time', sentence: 'It is older than what is kept.' };
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

/** Bad records are told of; anything else is an error of ours. */
function attempt<Result>(read: () => Result): Result | CrashmonError {
  try {
    return read();
  } catch (error) {
    if (error instanceof CrashmonError) return error;
    throw error;
  }
}
