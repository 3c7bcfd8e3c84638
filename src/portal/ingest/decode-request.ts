import { isUtf8 } from 'node:buffer';
import { type Extent, jsonExceeds } from './json-extent.ts';
import { BadProtobuf, type ProtobufFault, readProtobuf } from './protobuf-request.ts';
import { Refusal } from './refusal.ts';

export type WireFormat = 'json' | 'protobuf';
type Json = Readonly<Record<string, unknown>>;

/** Records of one sender, as unchecked objects with the field names of OTLP's JSON. */
export type ReceivedResource = { attributes: unknown; records: Json[] };

export type DecodeLimits = { records: number; values: number };

/** AnyValue takes three levels for each of its own; no real log is deeper. */
const MAX_DEPTH = 64;

/** The media types of OTLP/HTTP; null for anything else. */
export function wireFormatOf(contentType: string | undefined): WireFormat | null {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (type.trim() === 'application/x-protobuf') return 'protobuf';
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  const isUtf8Json = charset === undefined || /^charset="?utf-8"?$/.test(charset);
  return type.trim() === 'application/json' && isUtf8Json ? 'json' : null;
}

/**
 * The senders of an ExportLogsServiceRequest with their records.
 *
 * @throws Refusal 400 for an invalid request, 413 for too many records or values
 */
export function decodeRequest(body: Buffer, format: WireFormat, limits: DecodeLimits): ReceivedResource[] {
  const extent = { depth: MAX_DEPTH, values: limits.values };
  const request = format === 'json' ? parsedJson(body, extent) : parsedProtobuf(body, extent);
  const counts = { resourceLogs: 0, scopeLogs: 0, logRecords: 0 };
  /** A resource or scope counts as a record: it costs as much. */
  const bounded = (value: unknown, name: keyof typeof counts): Json[] => {
    const list = objects(value, name);
    counts[name] += list.length;
    if (counts[name] > limits.records) throw tooMany(WORDS[name], limits.records);
    return list;
  };
  return bounded(request.resourceLogs, 'resourceLogs').map((resourceLogs) => {
    const resource = resourceLogs.resource ?? {};
    if (!isObject(resource)) throw malformed('resource is not an object');
    const records = bounded(resourceLogs.scopeLogs, 'scopeLogs').flatMap(({ logRecords }) =>
      bounded(logRecords, 'logRecords'),
    );
    for (const { attributes } of [resource, ...records]) objects(attributes, 'attributes');
    return { attributes: resource.attributes, records };
  });
}

const WORDS = { resourceLogs: 'resources', scopeLogs: 'scopes', logRecords: 'records' } as const;

function parsedJson(body: Buffer, extent: Extent): Json {
  if (!isUtf8(body)) throw malformed('it is not UTF-8');
  const exceeded = jsonExceeds(body, extent);
  if (exceeded === 'depth') throw malformed(FAULTS.depth);
  if (exceeded === 'values') throw tooMany('values', extent.values);
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    // The error of JSON.parse quotes the request.
    throw malformed('it is not JSON');
  }
  if (!isObject(json)) throw malformed('it is not an object');
  return json;
}

const FAULTS: Readonly<Record<Exclude<ProtobufFault, 'values'>, string>> = {
  depth: 'it is nested too deeply',
  format: 'it is not an ExportLogsServiceRequest',
  text: 'its texts are not UTF-8',
};

function parsedProtobuf(body: Buffer, extent: Extent): Json {
  try {
    return readProtobuf(body, extent);
  } catch (error) {
    if (!(error instanceof BadProtobuf)) throw error;
    throw error.fault === 'values' ? tooMany('values', extent.values) : malformed(FAULTS[error.fault]);
  }
}

function tooMany(what: (typeof WORDS)[keyof typeof WORDS] | 'values', most: number): Refusal {
  return new Refusal(413, `More than ${most} ${what} in one request. Send fewer records at once.`);
}

/** A missing list is empty. */
function objects(value: unknown, name: string): Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
  if (!value.every(isObject)) throw malformed(`${name} contains something other than objects`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): Refusal {
  return new Refusal(400, `The request cannot be read: ${why}. Nothing was stored.`);
}
