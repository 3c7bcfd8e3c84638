import { z } from 'zod';
import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { DUMP_KINDS } from '../../model/dump.ts';
import type { EndedProcess } from '../../model/ended-process.ts';
import { CRASH_KINDS, type ExitStatus } from '../../model/exit.ts';
import type { Impact } from '../../model/impact.ts';
import { NO_CAPTURE_REASONS } from '../../model/no-capture.ts';
import { MONITOR_STATES, type PolicySettings } from '../../model/policy.ts';
import { SESSION_ENDS } from '../../model/public-session.ts';
import { REQUEST_REFUSALS, REQUESTED } from '../../model/remote-request.ts';
import { RUNTIMES } from '../../model/runtime.ts';
import { WORKLOAD_KEYS } from '../../model/workload.ts';
import type { AppSummary } from '../store/read/app-store.ts';
import type { CrashEvent } from '../store/read/crash-store.ts';
import type { DumpSummary, RequestSummary, SessionSummary, Sessions } from '../store/read/dump-store.ts';
import type { InstanceSummary, StateChange } from '../store/read/instance-store.ts';
import type { SignatureSummary } from '../store/read/signature-store.ts';
import type { CauseCount, Timeline } from '../store/read/timeline-store.ts';
import { storedReport } from './report-schema.ts';

/** What the API answers; the OpenAPI document is made of these, and their types keep them equal to the store's. */
const count = z.number().int().nonnegative();
const timeMs = z.number().describe('Unix time in milliseconds');
const text = z.string().nullable();
const kind = z.enum(CRASH_KINDS);
const settings = z.object({
  armAfter: count,
  windowMs: count,
  cooldownMs: count,
}) satisfies z.ZodType<PolicySettings>;
const status = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('code'), code: z.number() }),
    z.object({ type: z.literal('signal'), signal: z.string() }),
    z.object({ type: z.literal('unknown') }),
  ])
  .describe('How the process ended') satisfies z.ZodType<ExitStatus>;
const child = { pid: count, name: z.string() };
const endedProcess = z
  .discriminatedUnion('role', [
    z.object({ role: z.literal('main') }),
    z.object({ role: z.literal('worker'), ...child }),
    z.object({ role: z.literal('child'), ...child }),
  ])
  .describe(
    'Which process crashed: `name` of a worker is its master, of a child its own',
  ) satisfies z.ZodType<EndedProcess>;
const impact = z
  .object({ connectionsCut: count.nullable(), isExact: z.boolean(), servedAfterMs: count.nullable() })
  .describe(
    'What it did to users: connections cut, at least unless exact; time until its port was listened on again',
  )
  .nullable() satisfies z.ZodType<Impact | null>;
const instanceState = z.enum([...MONITOR_STATES, 'silent', 'stopped', 'external', 'folded']);
export const days = z.array(count).describe('Crashes a day, UTC, oldest first, today last');

export const appSummary = z.object({
  app: z.string(),
  instances: z.record(instanceState, count),
  crashesLastDay: count,
  crashesDayBefore: count,
  firstSeenMs: timeMs.nullable(),
  days,
  lastCrashAtMs: timeMs.nullable(),
  worse: z
    .array(
      z.object({
        signature: z.string(),
        title: z.string(),
        lastDay: count,
        dayBefore: count,
        isNew: z.boolean(),
      }),
    )
    .describe('Signatures that are new or much more frequent'),
}) satisfies z.ZodType<AppSummary>;

const causeCount = z.object({
  kind,
  exceptionType: text,
  signal: text,
  code: text,
  status,
  crashes: count,
}) satisfies z.ZodType<CauseCount>;

const noCapture = z
  .object({ why: z.enum(NO_CAPTURE_REASONS), runtime: z.enum(RUNTIMES).nullable(), code: count.nullable() })
  .describe('While it is watched: why a crash like the last one cannot be captured; null where it can');

const workload = z
  .partialRecord(z.enum(WORKLOAD_KEYS), z.string())
  .describe('Where it runs: resource attributes, as far as they are known')
  .optional();

export const instanceSummary = z.object({
  instance: z.string(),
  state: instanceState,
  noCapture: noCapture.nullish(),
  version: text,
  crashmonVersion: text,
  workload,
  crashesLastDay: count,
  crashesTotal: count,
  crashesInWindow: count,
  settings: settings.nullable(),
  cooldownUntilMs: timeMs.nullable(),
  workerStartedAtMs: timeMs.nullable(),
  firstSeenMs: timeMs,
  lastSeenMs: timeMs,
  lastCrashAtMs: timeMs.nullable(),
  lostRecords: count,
}) satisfies z.ZodType<InstanceSummary>;

export const stateChange = z.object({
  atMs: timeMs,
  state: z.enum(MONITOR_STATES),
  cooldownUntilMs: timeMs.nullable(),
}) satisfies z.ZodType<StateChange>;

export const crashEvent = z.object({
  uid: z.string(),
  crashId: z.string().describe('As `crashmon crashes` shows it on the instance'),
  atMs: timeMs,
  process: endedProcess,
  impact,
  instance: z.string(),
  version: text,
  kind,
  status,
  exceptionType: text,
  code: text,
  signal: text,
  signature: z.string(),
  title: z.string(),
  suspected: z.boolean().describe('Counted although nothing proves a crash'),
  armed: z.boolean(),
  captured: z.boolean(),
  hasReport: z.boolean(),
  hasStack: z.boolean().describe('The report has a call stack'),
  backAfterMs: z.number().nullable(),
  crashesInWindow: count,
  settings,
}) satisfies z.ZodType<CrashEvent>;

const crashDetail = crashEvent.extend({
  reason: z.string().describe('A sentence; its words can change'),
  reasonCode: z.string().describe('The same for programs, e.g. `uncaught-exception`; more can be added'),
  uptimeMs: z.number().nullable().describe('Of the worker; null where the sender does not say'),
  report: storedReport.nullable(),
});

const knownCause = z
  .object({
    id: z.string(),
    title: z.string(),
    meaning: z.string(),
    steps: z.array(z.string()).readonly(),
    link: text,
  })
  .describe('What is known of crashes like it') satisfies z.ZodType<KnownCause>;

const nextSteps = z.object({
  place: text.describe("The app's own code nearest to the crash"),
  knownCauses: z.array(knownCause),
  advice: text.describe('What to do in general, where no cause is known'),
});

/** A crash with what the page says about it. */
export const explainedCrash = crashDetail.extend({
  nextSteps,
  noStack: z
    .object({ why: z.string(), outlook: text.describe('What gets one of the next crash') })
    .nullable()
    .describe('Why it has no call stack; null where it has'),
});

export const summary = z.object({
  headline: z.string(),
  rest: z.string(),
  thresholds: z.array(z.string()),
  causes: z.array(causeCount),
  states: z.record(instanceState, count),
  crash: text.describe('uid of the newest crash of the range, if it can be of one with a call stack'),
  nextSteps: nextSteps.nullable().describe('About that crash'),
});

export const formation = z.object({
  values: z.array(z.string()).describe('Of the signature, as agents computed it'),
  parts: z
    .array(z.object({ used: z.boolean(), text: z.string(), why: z.string() }))
    .describe('What of the newest call stack was used, and what was left out, innermost first'),
});

export const signatureSummary = z.object({
  id: z.string(),
  values: z.array(z.string()),
  title: z.string(),
  kind,
  exceptionType: text,
  hasStack: z.boolean(),
  firstSeenMs: timeMs,
  lastSeenMs: timeMs,
  crashesTotal: count,
  crashes: count.describe('In the range that was asked for'),
  instances: count,
  days,
  status: z.enum(['open', 'resolved', 'returned']),
}) satisfies z.ZodType<SignatureSummary>;

export const signatureDetail = signatureSummary.extend({
  note: z.string(),
  resolvedAtMs: timeMs.nullable(),
  resolvedBy: text,
  versions: z.array(z.object({ version: text, crashes: count, firstSeenMs: timeMs, lastSeenMs: timeMs })),
  topInstances: z.array(z.object({ instance: z.string(), crashes: count, lastSeenMs: timeMs })),
  newestReport: crashDetail.nullable(),
});

export const timeline = z.object({
  fromMs: timeMs,
  bucketMs: z.number(),
  series: z.array(z.object({ signature: z.string(), title: z.string(), counts: z.array(count) })),
  other: z.array(count).describe('Crashes of all other signatures, a bucket each'),
  deploys: z.array(z.object({ version: z.string(), atMs: timeMs })),
}) satisfies z.ZodType<Timeline>;

const session = z.object({
  id: z.string(),
  instance: z.string(),
  state: z.enum(SESSION_ENDS).describe('`running`, or what ended it'),
  startedAtMs: timeMs,
  endsAtMs: timeMs,
  maxDumps: count,
  kept: count,
  startedBy: text.describe('The account that asked for it; null: it was started on the instance'),
}) satisfies z.ZodType<SessionSummary>;

const dump = z.object({
  kind: z.enum(DUMP_KINDS).describe('All but `core` have a uid of their own, of no crash'),
  crashUid: z.string(),
  id: z.string().describe('As `crashmon session dumps` shows it on the instance'),
  instance: z.string(),
  status,
  exceptionType: text,
  hasCrash: z.boolean().describe('Its crash can be asked for'),
  sizeBytes: count,
  full: z.boolean().describe('All memory, not only what a call stack needs'),
  encrypted: z.boolean(),
  keptAtMs: timeMs,
  expiresAtMs: timeMs,
  deletedAtMs: timeMs.nullable(),
  hasCopy: z.boolean(),
}) satisfies z.ZodType<DumpSummary>;

const request = z.object({
  id: z.string(),
  instance: z.string(),
  what: z.enum(REQUESTED),
  maxDumps: count.nullable(),
  forMs: count.nullable(),
  askedBy: z.string(),
  atMs: timeMs,
  state: z.enum(['asked', 'started', 'refused', 'expired']),
  why: z.enum(REQUEST_REFUSALS).nullable().describe('Why the instance refused'),
  answeredAtMs: timeMs.nullable(),
}) satisfies z.ZodType<RequestSummary>;

export const sessions = z.object({
  sessions: z.array(session),
  dumps: z.array(dump).describe('That they are there; their memory stays on the instance'),
  requests: z.array(request).describe('What admins asked instances for'),
}) satisfies z.ZodType<Sessions>;

export const problem = z
  .object({ type: z.string(), title: z.string(), status: z.number(), detail: z.string(), code: text })
  .describe('RFC 9457');
