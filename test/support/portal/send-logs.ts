import { gzipSync } from 'node:zlib';
import type { OtlpLogsRequest } from '../../../src/formats/otlp/otlp-json.ts';
import type { PublicRecord } from '../../../src/model/public-record.ts';
import type { TelemetryRecord } from '../../../src/model/telemetry.ts';
import { otlpSchema } from '../../../src/portal/ingest/otlp-schema.ts';
import { logsRequest } from '../../../src/uplink/logs-request.ts';

export type LogsAnswer = {
  status: number;
  contentType: string;
  /** Seconds. */
  retryAfter: number | null;
  /** As it came. */
  body: Buffer;
  /** Decoded, whichever format it has. */
  json: {
    partialSuccess?: { rejectedLogRecords: string; errorMessage: string };
    code?: number;
    message?: string;
  };
};

export type LogsToSend = {
  token?: string | null;
  format?: 'json' | 'protobuf';
  gzip?: boolean;
  headers?: Record<string, string>;
};

const TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' };
const schema = otlpSchema();

/** Posts to a portal; what is no buffer or text is encoded. */
export async function sendLogs(
  portal: { url: string; token: string },
  request: OtlpLogsRequest | object | Buffer | string,
  { token = portal.token, format = 'json', gzip = false, headers = {} }: LogsToSend = {},
): Promise<LogsAnswer> {
  const bytes = encoded(request, format);
  const response = await fetch(`${portal.url}/v1/logs`, {
    method: 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      'content-type': TYPES[format],
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      ...headers,
    },
    body: new Uint8Array(gzip ? gzipSync(bytes) : bytes),
  });
  const retryAfter = response.headers.get('retry-after');
  const contentType = response.headers.get('content-type') ?? '';
  const body = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    contentType,
    retryAfter: retryAfter === null ? null : Number(retryAfter),
    body,
    json: decoded(body, contentType, response.ok),
  };
}

/** What an agent sends. */
export function agentRequest(
  records: readonly TelemetryRecord[],
  source: { app?: string; instance?: string; version?: string | null } = {},
): OtlpLogsRequest {
  const { app = 'shop', instance = 'web-1', version = '1.0.0' } = source;
  // Tests send what no agent would.
  const outgoing = records.map((record) => ({ version, record: record as PublicRecord }));
  return logsRequest({ app, instance, crashmonVersion: '0.1.0' }, outgoing);
}

export function encoded(request: object | Buffer | string, format: 'json' | 'protobuf'): Buffer {
  if (Buffer.isBuffer(request)) return request;
  if (typeof request === 'string') return Buffer.from(request);
  if (format === 'json') return Buffer.from(JSON.stringify(request));
  return Buffer.from(schema.request.encode(schema.request.fromObject(request)).finish());
}

function decoded(body: Buffer, contentType: string, isSuccess: boolean): LogsAnswer['json'] {
  if (contentType.startsWith('application/json')) return JSON.parse(body.toString('utf8'));
  if (!contentType.startsWith('application/x-protobuf')) return {};
  const type = isSuccess ? schema.response : schema.status;
  return type.toObject(type.decode(body), { longs: String });
}
