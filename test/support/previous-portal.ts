import { z } from 'zod';
import type { OtlpLogRecord } from '../../src/formats/otlp/otlp-json.ts';
import { previousSentences } from './previous-version.ts';

/*
 * What the portal of version 0.1 accepts, frozen: its rules for the attributes of each record, written down from its
 * `decode-record.ts` and `parse-redacted-report.ts`. It refuses a record that breaks one. Attributes that it does not
 * know, it ignores.
 */

const line = z
  .string()
  .max(500)
  .regex(/^\P{Cc}*$/u);
const uid = z.string().regex(/^[\w.:-]{8,64}$/);
const count = z.number().int().nonnegative();
const kind = z.enum([
  ...([
    'exception',
    'rejection',
    'stack-overflow',
    'out-of-memory',
    'fault',
    'abort',
    'exit',
    'oom-kill',
  ] as const),
]);
const state = {
  'crashmon.state': z.enum(['watching', 'armed', 'cooling-down', 'disabled']),
  'crashmon.no_capture': line.optional(),
  'crashmon.settings.arm_after': count,
  'crashmon.settings.window_ms': count,
  'crashmon.settings.cooldown_ms': count,
};
const paused = {
  ...state,
  'crashmon.stopped': z.boolean().optional(),
  'crashmon.cooldown_until_ms': count.optional(),
};
const group = { 'crashmon.signatures': z.array(line).max(8), 'crashmon.title': line };

const text = z.string().max(1000).nullable();
const number = count.nullable();
const frame = z.object({
  ...{
    function: text,
    file: text,
    line: number,
    column: number,
    module: text,
    inApp: z.boolean(),
    repeat: count,
  },
  trust: z.enum([
    ...([
      'call-site',
      'vouched-text',
      'throw-site',
      'v8-heap',
      'ip',
      'cfi',
      'frame-pointer',
      'scan',
      'sender-text',
    ] as const),
  ]),
  native: z.object({ image: text, offset: text, buildId: text, inlined: z.boolean() }).optional(),
  wasm: z.object({ functionIndex: count, byteOffset: count }).optional(),
});
const frames = z.array(frame).max(100);
const member = z.object({ exceptionType: text, code: text, frames });
const exception = member.extend({ members: z.array(member.extend({ members: z.array(member) })).max(10) });
const report = z.object({
  schemaVersion: z.literal(1),
  ...{ id: z.string(), app: z.string(), instance: z.string(), diedAt: z.string(), kind },
  ...{ exceptionType: text, code: text, signal: text, nodeVersion: text, frames },
  causes: z.array(exception).max(8),
  members: z.array(exception).max(10),
  heap: z.object({ usedBytes: number, committedBytes: number, limitBytes: number }).nullable(),
  fault: z
    .object({
      ...{ summary: z.string(), addressClass: z.string().nullable(), abortKind: z.string().nullable() },
      ...{ siCode: z.number().int().nullable(), systemCall: z.number().int().nullable() },
    })
    .nullable(),
  otherThreads: z.array(z.object({ count: count.min(1), frames: frames.max(32) })).max(32),
  problems: z.array(z.string().max(1000)).max(50),
  hold: z.object({ ms: count }),
});

const RECORDS: Readonly<Record<string, z.ZodType>> = {
  'app.crash': z.object({
    'log.record.uid': uid,
    'crashmon.crash.id': z.string().regex(/^[0-9a-f]{1,32}$/),
    'crashmon.kind': kind,
    'crashmon.suspected': z.boolean(),
    'process.exit.code': count.max(255).optional(),
    'crashmon.exit.signal': z
      .string()
      .regex(/^SIG[A-Z0-9+]{2,12}$/)
      .optional(),
    'crashmon.reason': line,
    'crashmon.armed': z.boolean(),
    'crashmon.captured': z.boolean(),
    'crashmon.uptime_ms': count,
    'crashmon.crashes_in_window': count,
    'crashmon.back_after_ms': count.optional(),
    ...state,
    ...group,
  }),
  'crashmon.capture': z.object({
    ...{ 'log.record.uid': uid, 'crashmon.crash.uid': uid },
    'crashmon.report': z.string().max(1024 * 1024),
    ...group,
  }),
  'crashmon.back': z.object({
    'log.record.uid': uid,
    'crashmon.crash.uid': uid,
    'crashmon.back_after_ms': count,
  }),
  'crashmon.state': z.object({ 'log.record.uid': uid, ...paused }),
  'crashmon.heartbeat': z.object({
    ...{ 'log.record.uid': uid, 'crashmon.crashes_in_window': count, 'crashmon.restarts': count, ...paused },
    'crashmon.worker.started_at_ms': count.optional(),
    'crashmon.version': z.string().regex(/^[\w.+-]{1,64}$/),
    'crashmon.heartbeat.every_ms': count,
  }),
  'crashmon.loss': z.object({ 'log.record.uid': uid, 'crashmon.lost_records': count }),
};

/** The report as the portal reads it, or null for a record without one. @throws ZodError for what it refuses */
export function acceptedByPreviousPortal(record: OtlpLogRecord): { problems: string[] } | null {
  const values = record.attributes.map(({ key, value }) => [key, plain(value)] as const);
  const attributes = Object.fromEntries(values);
  const rules = RECORDS[record.eventName];
  if (rules === undefined) throw new Error(`refused: ${record.eventName}`);
  rules.parse(attributes);
  const json = attributes['crashmon.report'];
  return json === undefined ? null : report.parse(JSON.parse(String(json)));
}

function plain(value: object): unknown {
  const [[type, inner] = []] = Object.entries(value);
  return type === 'arrayValue' ? inner.values.map(plain) : inner;
}

const formOf = (sentence: string) =>
  sentence
    .replaceAll(/\bexit \d{1,3}\b/g, 'exit {n}')
    .replaceAll(/\bSIG[A-Z]{2,6}\d{0,2}\b/g, '{signal}')
    .replace(/\b\d{1,7}\b/, '{n}');
const sentences = previousSentences();
const KNOWN = new Set([
  ...sentences.reasons.filter(({ counted }) => counted).map(({ sentence }) => formOf(sentence)),
  ...sentences.problems.map(({ sentence }) => formOf(sentence)),
]);

/** It shows any other sentence as withheld. */
export function isShownByPreviousPortal(sentence: string): boolean {
  return KNOWN.has(formOf(sentence));
}
