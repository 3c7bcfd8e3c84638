import fc from 'fast-check';
import { DUMP_KINDS } from '../../../src/model/dump.ts';
import { CRASH_KINDS } from '../../../src/model/exit.ts';
import { REASON_CODES } from '../../../src/model/exit-reason.ts';
import { ADDRESS_CLASSES, FAULT_SUMMARIES } from '../../../src/model/fault.ts';
import { FRAME_TRUSTS } from '../../../src/model/frame.ts';
import { PROOFS } from '../../../src/model/last-words.ts';
import { NO_CAPTURE_REASONS } from '../../../src/model/no-capture.ts';
import { MONITOR_STATES } from '../../../src/model/policy.ts';
import { PROBLEM_CODES } from '../../../src/model/problem.ts';
import { SESSION_ENDS } from '../../../src/model/public-session.ts';
import { REPORT_SCHEMA_VERSION, type RedactedReport } from '../../../src/model/redacted-report.ts';
import { REQUEST_REFUSALS } from '../../../src/model/remote-request.ts';
import { REPORT_SOURCES } from '../../../src/model/report-source.ts';
import { RUNTIMES } from '../../../src/model/runtime.ts';
import type { TelemetryRecord } from '../../../src/model/telemetry.ts';
import { parseRedactedReport } from '../../../src/privacy/parse-redacted-report.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const line = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.replaceAll(/\p{Cc}/gu, ' '))
  .filter((text) => text.isWellFormed());
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const atMs = fc.integer({ min: 1, max: 18_446_744_073_709 });
const settings = fc.record({ armAfter: count, windowMs: count, cooldownMs: count });
const state = fc.constantFrom(...MONITOR_STATES);
const noCapture = fc.record({
  why: fc.constantFrom(...NO_CAPTURE_REASONS),
  runtime: orNull(fc.constantFrom(...RUNTIMES)),
  // Stays on the instance.
  code: fc.constant(null),
});
const impact = fc.record({
  connectionsCut: orNull(fc.nat(999_999_999)),
  isExact: fc.boolean(),
  servedAfterMs: orNull(fc.nat(600_000)),
});
const endedProcess = fc.record({
  role: fc.constantFrom('worker' as const, 'child' as const),
  pid: fc.nat(4_194_304),
  name: fc.constantFrom('gunicorn', 'node cluster', 'imgproxy'),
});
const group = { signatures: fc.array(line, { maxLength: 8 }), title: line };

const frame = fc
  .record({
    function: orNull(line),
    file: orNull(line),
    line: orNull(count),
    column: orNull(count),
    module: orNull(line),
    inApp: fc.boolean(),
    repeat: count,
    trust: fc.constantFrom(...FRAME_TRUSTS),
  })
  .map((one) => (one.trust === 'printed' ? { ...one, line: null, column: null } : one));
const frames = fc.array(frame, { maxLength: 4 });
/** Without members of its own: deeper ones are refused when a report is read back. */
const exception = fc.record({
  exceptionType: orNull(line),
  code: orNull(line),
  frames,
  members: fc.constant([]),
});

const problem = fc.oneof(
  fc.record({ code: fc.constantFrom(...PROBLEM_CODES) }),
  fc.record({ code: fc.constantFrom(...PROBLEM_CODES), count: fc.nat(9_999_999) }),
);

/** Any report that can be stored, also such as redaction would never make. */
export const arbitraryReport: fc.Arbitrary<RedactedReport> = fc
  .record({
    schemaVersion: fc.constant(REPORT_SCHEMA_VERSION),
    id: hex(12),
    app: line,
    instance: line,
    diedAt: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((d) => d.toISOString()),
    kind: fc.constantFrom(...CRASH_KINDS),
    exceptionType: orNull(line),
    code: orNull(line),
    signal: orNull(line),
    frames,
    causes: fc.array(exception, { maxLength: 2 }),
    members: fc.array(exception, { maxLength: 2 }),
    heap: orNull(
      fc.record({ usedBytes: orNull(count), committedBytes: orNull(count), limitBytes: orNull(count) }),
    ),
    memory: fc.option(
      fc.record({
        process: fc.constant(null),
        heap: fc.record({ beforeEndMs: count, usedBytes: count, limitBytes: orNull(count) }),
      }),
      { nil: undefined },
    ),
    fault: orNull(
      fc.record({
        summary: fc.constantFrom(...FAULT_SUMMARIES),
        siCode: orNull(fc.integer({ min: -100, max: 100 })),
        addressClass: orNull(fc.constantFrom(...ADDRESS_CLASSES)),
        systemCall: orNull(fc.nat(400)),
        abortKind: fc.constant(null),
      }),
    ),
    otherThreads: fc.array(fc.record({ count: fc.integer({ min: 1, max: 9 }), frames }), { maxLength: 2 }),
    runtime: orNull(fc.record({ name: fc.constantFrom(...RUNTIMES), version: orNull(line) })),
    source: fc.constantFrom(...REPORT_SOURCES),
    proof: fc.constantFrom(...PROOFS),
    problems: fc.array(problem, { maxLength: 3 }),
    hold: fc.record({ ms: count }),
  })
  .map(parseRedactedReport);

const signal = fc.constantFrom('SIGSEGV', 'SIGABRT', 'SIGRTMIN+3');
/** Known codes only: others are withheld on the way. */
const reason = fc.record(
  {
    ...{ code: fc.constantFrom(...REASON_CODES), shellSignal: signal, firstSignal: signal },
    runtime: fc.constantFrom(...RUNTIMES),
  },
  { requiredKeys: ['code'] },
);

const status = fc.oneof(
  fc.record({ type: fc.constant('code' as const), code: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ type: fc.constant('signal' as const), signal: fc.constantFrom('SIGSEGV', 'SIGABRT') }),
  fc.record({ type: fc.constant('unknown' as const) }),
);
const session = fc.record({
  id: hex(12),
  startedAtMs: atMs,
  endsAtMs: atMs,
  state: fc.constantFrom(...SESSION_ENDS),
  maxDumps: fc.nat(100),
  kept: fc.nat(100),
  account: orNull(fc.uuid()),
});
const dump = fc
  .record({
    kind: fc.constantFrom(...DUMP_KINDS),
    ...{ crashUid: hex(24), sizeBytes: fc.nat(), full: fc.boolean(), encrypted: fc.boolean() },
    ...{ status, keptAtMs: atMs, expiresAtMs: atMs },
  })
  .map((each) => ({ ...each, full: each.full && each.kind === 'core' }));
const answer = fc.record({ id: hex(12), why: orNull(fc.constantFrom(...REQUEST_REFUSALS)) });

/** Any record that an agent could send. */
export const arbitraryRecord: fc.Arbitrary<TelemetryRecord> = fc
  .tuple(hex(24), atMs)
  .chain(([uid, time]): fc.Arbitrary<TelemetryRecord> => {
    const base = { uid: fc.constant(uid), atMs: fc.constant(time) };
    const crash = fc.record({
      ...base,
      type: fc.constant('crash' as const),
      crashId: hex(12),
      kind: fc.constantFrom(...CRASH_KINDS),
      suspected: fc.boolean(),
      status,
      reason,
      armed: fc.boolean(),
      captured: fc.boolean(),
      uptimeMs: count,
      crashesInWindow: count,
      settings,
      state,
      backAfterMs: orNull(count),
      ...group,
    });
    const child = fc
      .record({ crash, process: endedProcess, impact })
      .map((both) => ({ ...both.crash, process: both.process, impact: both.impact }));
    const verdict = fc.record({ kind: fc.constantFrom(...CRASH_KINDS), suspected: fc.boolean(), reason });
    const capture = fc.record(
      {
        ...base,
        type: fc.constant('capture' as const),
        crashUid: hex(24),
        report: arbitraryReport,
        revised: verdict,
        ...group,
      },
      { requiredKeys: ['uid', 'atMs', 'type', 'crashUid', 'report', 'signatures', 'title'] },
    );
    const back = fc.record({
      ...base,
      type: fc.constant('back' as const),
      crashUid: hex(24),
      backAfterMs: count,
    });
    const known = fc.record({ back, impact }).map((both) => ({ ...both.back, impact: both.impact }));
    const states = { state, cooldownUntilMs: orNull(atMs), settings };
    const stateRecord = fc.record({ ...base, type: fc.constant('state' as const), ...states });
    const heartbeat = fc.record({
      ...base,
      type: fc.constant('heartbeat' as const),
      ...states,
      crashesInWindow: count,
      restarts: count,
      workerStartedAtMs: orNull(atMs),
      crashmonVersion: fc.constantFrom('0.1.0', '1.2.3-rc.1+x'),
      everyMs: count,
    });
    const inSession = fc
      .record({
        heartbeat,
        session,
        dumps: fc.array(dump, { maxLength: 3 }),
        answers: fc.array(answer, { maxLength: 3 }),
      })
      .map(({ heartbeat: beat, ...sessions }) => ({ ...beat, ...sessions }));
    const loss = fc.record({ ...base, type: fc.constant('loss' as const), count });
    const withState = fc.oneof(crash, stateRecord, heartbeat);
    const impossible = fc.tuple(withState, noCapture).map(([record, why]) => ({ ...record, noCapture: why }));
    return fc.oneof(crash, child, capture, back, known, stateRecord, heartbeat, inSession, loss, impossible);
  })
  // Objects as they usually are: fast-check makes some without a prototype.
  .map((record) => structuredClone(record));
