import type { OtlpAttribute } from '../../formats/otlp/otlp-json.ts';
import type { Receipt } from '../../journal/receipts.ts';

/** A field as it was sent. */
export type ReceiptField = { name: string; label: string; value: string };

const MAX_FIELDS = 5_000;

/** What the attributes of a record mean. One that is not listed is shown by its name. */
const LABELS: Readonly<Record<string, string>> = {
  timeUnixNano: 'Time (nanoseconds since 1970)',
  observedTimeUnixNano: 'Observed at (nanoseconds since 1970)',
  severityNumber: 'Severity',
  severityText: 'Severity in words',
  eventName: 'Kind of record',
  droppedAttributesCount: 'Attributes that were left out',
  'body.stringValue': 'Summary',
  'service.name': 'App',
  'service.version': 'Version of the app',
  'service.instance.id': 'Instance',
  'telemetry.sdk.name': 'Sender',
  'telemetry.sdk.language': 'Language of the sender',
  'telemetry.sdk.version': 'Version of crashmon',
  'log.record.uid': 'ID of the record',
  'event.name': 'Kind of record, again',
  'app.crash.id': 'ID of the crash at the portal',
  'crashmon.crash.uid': 'ID of the crash at the portal',
  'crashmon.crash.id': 'ID of the crash',
  'crashmon.process': 'Process below the worker',
  'crashmon.impact': 'Connections cut by the crash',
  'crashmon.kind': 'Kind of crash',
  'crashmon.suspected': 'Only suspected to be a crash',
  'process.exit.code': 'Exit code',
  'crashmon.exit.signal': 'Signal',
  'crashmon.reason_code': 'Verdict, as a code',
  'crashmon.reason': 'Verdict',
  'crashmon.armed': 'Worker was armed',
  'crashmon.captured': 'Captured',
  'crashmon.uptime_ms': 'Uptime of the worker (ms)',
  'crashmon.crashes_in_window': 'Crashes in the window',
  'crashmon.settings.arm_after': 'Setting: arm after so many crashes',
  'crashmon.settings.window_ms': 'Setting: window (ms)',
  'crashmon.settings.cooldown_ms': 'Setting: cool-down (ms)',
  'crashmon.state': 'State of crashmon',
  'crashmon.no_capture': 'Why it cannot be captured',
  'crashmon.back_after_ms': 'Downtime (ms)',
  'crashmon.signatures': 'Signature of the group',
  'crashmon.title': 'Title of the group',
  'exception.type': 'Type of the exception',
  'exception.stacktrace': 'Call stack as text',
  'process.runtime.name': 'Runtime',
  'process.runtime.version': 'Version of the runtime',
  'crashmon.problems': 'Problems of the report',
  'crashmon.report': 'Report',
  'crashmon.dumps': 'Dump that is kept',
};

/** Every field of what was sent, in its order: nothing is left out. Of a mail or another text, the lines. */
export function fieldsOf({ content, source }: Pick<Receipt, 'content' | 'source'>): ReceiptField[] {
  const value = parsed(content);
  const fields =
    value === null
      ? content.split(/\r?\n/).map((text, at) => ({ name: `${at + 1}`, value: text }))
      : flat('', value);
  const ofSource = source === null ? [] : flat('', { attributes: parsed(source) });
  return [...ofSource, ...fields].slice(0, MAX_FIELDS).map(({ name, value: text }) => ({
    name,
    label: labelOf(name),
    value: text,
  }));
}

function labelOf(name: string): string {
  const known = LABELS[name];
  if (known !== undefined) return known;
  return name.startsWith('crashmon.report.') ? `Report: ${name.slice('crashmon.report.'.length)}` : name;
}

type Flat = { name: string; value: string };

function flat(name: string, value: unknown): Flat[] {
  if (Array.isArray(value)) {
    if (name.endsWith('attributes'))
      return value.flatMap((attribute) => ofAttribute(attribute as OtlpAttribute));
    return value.length === 0
      ? [{ name, value: 'none' }]
      : value.flatMap((each, at) => flat(`${name}[${at}]`, each));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, each]) => flat(name === '' ? key : `${name}.${key}`, each));
  }
  const inner = typeof value === 'string' && name === 'crashmon.report' ? parsed(value) : null;
  return inner === null ? [{ name, value: String(value) }] : flat(name, inner);
}

function ofAttribute({ key, value }: OtlpAttribute): Flat[] {
  if ('arrayValue' in value) {
    const values = value.arrayValue.values.map(({ stringValue }) => stringValue);
    return [{ name: key, value: values.length === 0 ? 'none' : values.join(', ') }];
  }
  return flat(key, Object.values(value)[0]);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
