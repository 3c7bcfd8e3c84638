import { isUtf8 } from 'node:buffer';
import { isNestedDeeper } from './is-nested-deeper.ts';
import type { OtlpSchema } from './otlp-schema.ts';
import { Refusal } from './refusal.ts';

export type WireFormat = 'json' | 'protobuf';
type Json = Readonly<Record<string, unknown>>;

/** Records of one sender, as objects with the names of OTLP's JSON; nothing in them is believed yet. */
export type ReceivedResource = { attributes: unknown; records: Json[] };

/** AnyValue takes three levels for each of its own; beyond is nobody's log. */
const MAX_JSON_DEPTH = 64;

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
 * @throws Refusal 400 for what is none, 413 for too many records
 */
export function decodeRequest(
  body: Buffer,
  format: WireFormat,
  schema: OtlpSchema,
  maxRecords: number,
): ReceivedResource[] {
  const request = format === 'json' ? parsedJson(body) : parsedProtobuf(body, schema);
  let count = 0;
  return objects(request.resourceLogs, 'resourceLogs').map((resourceLogs) => {
    const resource = resourceLogs.resource ?? {};
    if (!isObject(resource)) throw malformed('resource is no object');
    const records = objects(resourceLogs.scopeLogs, 'scopeLogs').flatMap(({ logRecords }) =>
      objects(logRecords, 'logRecords'),
    );
    count += records.length;
    if (count > maxRecords) {
      throw new Refusal(413, `More than ${maxRecords} records in one request. Send fewer at once.`);
    }
    for (const { attributes } of [resource, ...records]) objects(attributes, 'attributes');
    return { attributes: resource.attributes, records };
  });
}

function parsedJson(body: Buffer): Json {
  if (!isUtf8(body)) throw malformed('it is not UTF-8');
  if (isNestedDeeper(body, MAX_JSON_DEPTH)) throw malformed('it is nested too deeply');
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    // JSON.parse quotes what it read.
    throw malformed('it is not JSON');
  }
  if (!isObject(json)) throw malformed('it is no object');
  return json;
}

function parsedProtobuf(body: Buffer, { request }: OtlpSchema): Json {
  try {
    return request.toObject(request.decode(body), { longs: String });
  } catch {
    throw malformed('it is no ExportLogsServiceRequest, or its texts are not UTF-8, or nested too deeply');
  }
}

/** A list that is missing is empty. */
function objects(value: unknown, name: string): Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`${name} is no list`);
  if (!value.every(isObject)) throw malformed(`${name} holds something that is no object`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): Refusal {
  return new Refusal(400, `The request cannot be read: ${why}. Nothing of it was stored.`);
}
