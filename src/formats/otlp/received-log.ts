import { CrashmonError } from '../../model/crashmon-error.ts';

/** null: a value of a kind that no attribute of ours has (bytes, maps, lists within lists). */
export type ReceivedValue = string | number | boolean | readonly (string | number | boolean)[] | null;

/** A log record as a sender wrote it, bounded but not believed. */
export type ReceivedLog = {
  /** '' if it has none. */
  eventName: string;
  /** null if it has none. */
  atMs: number | null;
  attributes: ReadonlyMap<string, ReceivedValue>;
};

type Json = Readonly<Record<string, unknown>>;

const MAX_ATTRIBUTES = 128;
const MAX_KEY = 256;
const MAX_LIST = 64;
/** In the year 2554: 64 bits of nanoseconds hold no more. */
export const MAX_TIME_MS = 18_446_744_073_709;

/**
 * Reads one LogRecord of OTLP: as JSON, or as protobuf decoded to an object with the names of JSON and 64-bit numbers
 * as strings or numbers. Bounded here: the number of attributes, their keys and depth;
 * the length of texts is bounded by the reader of each.
 * @throws CrashmonError BAD_REQUEST naming the field
 */
export function readLogRecord(json: unknown): ReceivedLog {
  const record = object(json, 'logRecords');
  const attributes = readAttributes(record.attributes);
  const named = attributes.get('event.name');
  const eventName =
    typeof record.eventName === 'string' && record.eventName !== '' ? record.eventName : named;
  return {
    eventName: typeof eventName === 'string' && eventName.length <= MAX_KEY ? eventName : '',
    atMs: readTime(record.timeUnixNano) ?? readTime(record.observedTimeUnixNano),
    attributes,
  };
}

/** Attributes of a record, a scope or a resource. @throws CrashmonError BAD_REQUEST */
function readAttributes(json: unknown): Map<string, ReceivedValue> {
  const attributes = new Map<string, ReceivedValue>();
  if (json === undefined || json === null) return attributes;
  if (!Array.isArray(json)) throw badField('attributes', 'is not a list');
  if (json.length > MAX_ATTRIBUTES) throw badField('attributes', `has more than ${MAX_ATTRIBUTES} entries`);
  for (const entry of json) {
    const { key, value } = object(entry, 'attributes');
    if (typeof key !== 'string' || key.length > MAX_KEY) throw badField('attributes', 'has an invalid key');
    // Keys should be unique; of two the first counts.
    if (!attributes.has(key)) attributes.set(key, readValue(value));
  }
  return attributes;
}

function readValue(json: unknown): ReceivedValue {
  const scalar = readScalar(json);
  if (scalar !== null) return scalar;
  const values = (((json as Json | null)?.arrayValue as Json | undefined)?.values ?? null) as unknown;
  if (!Array.isArray(values) || values.length > MAX_LIST) return isEmptyList(json) ? [] : null;
  const list = values.map(readScalar);
  return list.every((item) => item !== null) ? list : null;
}

/** Protobuf's JSON leaves an empty list out. */
function isEmptyList(json: unknown): boolean {
  const list = (json as Json | null)?.arrayValue as Json | undefined;
  return typeof list === 'object' && list !== null && list.values === undefined;
}

function readScalar(json: unknown): string | number | boolean | null {
  if (typeof json !== 'object' || json === null) return null;
  const { stringValue, boolValue, intValue, doubleValue } = json as Json;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined) return wholeNumber(intValue);
  return typeof doubleValue === 'number' && Number.isFinite(doubleValue) ? doubleValue : null;
}

/** 64-bit numbers are strings in protobuf's JSON, and numbers in what some senders write. */
function wholeNumber(json: unknown): number | null {
  const isNumber = typeof json === 'number' || (typeof json === 'string' && /^-?\d{1,19}$/.test(json));
  const number = isNumber ? Number(json) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** @throws CrashmonError BAD_REQUEST for a time that no clock shows */
function readTime(json: unknown): number | null {
  if (json === undefined || json === null || json === 0 || json === '0' || json === '') return null;
  const isTime =
    (typeof json === 'string' && /^\d{1,20}$/.test(json)) ||
    (typeof json === 'number' && Number.isInteger(json) && json > 0);
  if (!isTime) throw badField('timeUnixNano', 'is not a time');
  const atMs = Number(BigInt(json as string | number) / 1_000_000n);
  if (atMs > MAX_TIME_MS) throw badField('timeUnixNano', 'is not a time');
  return atMs;
}

function object(json: unknown, field: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw badField(field, 'is not an object');
  return json as Json;
}

/** Names the field and never its content. */
export function badField(field: string, what: string): CrashmonError {
  return new CrashmonError('BAD_REQUEST', `${field} ${what}.`);
}
