import type { RemoteRequest } from '../../model/remote-request.ts';
import type { WantedDump } from '../../model/sealed-dump.ts';
import type { WireFormat } from './decode-request.ts';
import type { OtlpSchema } from './otlp-schema.ts';
import { type Refusal, RPC_CODES } from './refusal.ts';

export type WireAnswer = { status: number; contentType: string; body: Buffer | string };

/** What the sender gets. */
export type Received = {
  partial: PartialSuccess;
  requests: readonly RemoteRequest[];
  dumps: readonly WantedDump[];
};

/** `message` also names records that were stored without some parts; null: all were stored completely. */
export type PartialSuccess = { rejected: number; message: string } | null;

/** ExportLogsServiceResponse in the request's own format. Crashmon sends JSON: only there is a field for its requests. */
export function successAnswer(
  { partial, requests, dumps }: Received,
  format: WireFormat,
  schema: OtlpSchema,
): WireAnswer {
  const response =
    partial === null
      ? {}
      : {
          partialSuccess: { rejectedLogRecords: `${partial.rejected}`, errorMessage: partial.message },
        };
  if (format === 'json') {
    return json(200, {
      ...response,
      ...(requests.length === 0 ? {} : { crashmonRequests: requests }),
      ...(dumps.length === 0 ? {} : { crashmonDumps: dumps }),
    });
  }
  return protobuf(200, schema.response.encode(schema.response.fromObject(response)).finish());
}

/** `google.rpc.Status`; in JSON if the format of the request is unknown. */
export function refusalAnswer(
  { status, message }: Refusal,
  format: WireFormat | null,
  schema: OtlpSchema,
): WireAnswer {
  const fields = { code: RPC_CODES[status], message };
  if (format !== 'protobuf') return json(status, fields);
  return protobuf(status, schema.status.encode(schema.status.fromObject(fields)).finish());
}

function json(status: number, fields: object): WireAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(fields) };
}

function protobuf(status: number, bytes: Uint8Array): WireAnswer {
  return {
    status,
    contentType: 'application/x-protobuf',
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}
