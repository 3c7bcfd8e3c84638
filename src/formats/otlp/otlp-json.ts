/**
 * The part of OTLP's JSON encoding (opentelemetry-proto, `logs.proto` and `common.proto`) that crashmon writes. Whole
 * numbers are JSON numbers, as OpenTelemetry's own JavaScript exporter writes them; times are strings of nanoseconds.
 */
export type OtlpValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: number }
  | { arrayValue: { values: { stringValue: string }[] } };

export type OtlpAttribute = { key: string; value: OtlpValue };

export type OtlpLogRecord = {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  body: { stringValue: string };
  eventName: string;
  attributes: OtlpAttribute[];
  droppedAttributesCount: number;
};

/** Body of a `POST /v1/logs`. */
export type OtlpLogsRequest = {
  resourceLogs: {
    resource: { attributes: OtlpAttribute[]; droppedAttributesCount: number };
    scopeLogs: { scope: { name: string; version: string }; logRecords: OtlpLogRecord[] }[];
  }[];
};

export type AttributeValue = string | number | boolean | readonly string[];

/** Attributes whose value is null are left out: OTLP has no null. */
export function toAttributes(values: Readonly<Record<string, AttributeValue | null>>): OtlpAttribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: toValue(value) }],
  );
}

function toValue(value: AttributeValue): OtlpValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return { intValue: value };
  return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
}
