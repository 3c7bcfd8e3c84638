import { exitReasonWords } from '../explain/exit-reason-words.ts';
import { encodeRecord } from '../formats/otlp/encode-record.ts';
import { type OtlpLogsRequest, toAttributes } from '../formats/otlp/otlp-json.ts';
import type { PublicRecord } from '../model/public-record.ts';
import type { TelemetrySource } from '../model/telemetry.ts';

export type LogsSource = Omit<TelemetrySource, 'version'> & { crashmonVersion: string };

/** Body of `POST /v1/logs`, in the order given; each version of the app has a separate resource. */
export function logsRequest(
  source: LogsSource,
  records: readonly { version: string | null; record: PublicRecord }[],
): OtlpLogsRequest {
  const resourceLogs: OtlpLogsRequest['resourceLogs'] = [];
  let version: string | null | undefined;
  for (const entry of records) {
    if (entry.version !== version) {
      version = entry.version;
      resourceLogs.push(resourceOf(source, version));
    }
    resourceLogs.at(-1)?.scopeLogs[0]?.logRecords.push(encodeRecord(entry.record, exitReasonWords));
  }
  return { resourceLogs };
}

function resourceOf(
  { app, instance, crashmonVersion, workload }: LogsSource,
  version: string | null,
): OtlpLogsRequest['resourceLogs'][number] {
  const attributes = toAttributes({
    'service.name': app,
    'service.version': version,
    'service.instance.id': instance,
    'telemetry.sdk.name': 'crashmon',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': crashmonVersion,
    ...workload,
  });
  return {
    resource: { attributes, droppedAttributesCount: 0 },
    scopeLogs: [{ scope: { name: 'crashmon', version: crashmonVersion }, logRecords: [] }],
  };
}
