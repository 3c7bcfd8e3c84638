import { z } from 'zod';
import type { ShownReport } from '../../explain/shown-report.ts';
import type { HeapStatistics } from '../../model/crash-report.ts';
import { CRASH_KINDS } from '../../model/exit.ts';
import { ABORT_KINDS, ADDRESS_CLASSES, FAULT_SUMMARIES, type PublicFault } from '../../model/fault.ts';
import { FRAME_TRUSTS, type Frame, NO_LINE_REASONS } from '../../model/frame.ts';
import { PROOFS } from '../../model/last-words.ts';
import {
  ACTIVE_RESOURCES,
  DESCRIPTOR_KINDS,
  HEAP_SPACES,
  MAPPING_KINDS,
  MEMORY_LIMITS,
  type MemoryBeforeEnd,
} from '../../model/memory.ts';
import { REPORT_SCHEMA_VERSION, type RedactedException } from '../../model/redacted-report.ts';
import { REPORT_SOURCES } from '../../model/report-source.ts';
import { RUNTIMES } from '../../model/runtime.ts';

/** A report as JSON, which has no brand. */
type Shape = { [Name in keyof ShownReport as Name extends string ? Name : never]: ShownReport[Name] };

const count = z.number().int().nonnegative();
const text = z.string().nullable();
const bytes = z.number().nullable();

const frame = z
  .object({
    function: text,
    file: text,
    line: z.number().nullable().describe('From 1'),
    column: z.number().nullable().describe('From 1'),
    module: text.describe("null for the app's own code"),
    inApp: z.boolean(),
    repeat: count.describe('How many times in a row'),
    trust: z.enum(FRAME_TRUSTS).describe('How the frame was found'),
    native: z
      .object({ image: text, offset: text, buildId: text, inlined: z.boolean() })
      .exactOptional()
      .describe('Only for machine code'),
    wasm: z
      .object({ functionIndex: count, byteOffset: count })
      .exactOptional()
      .describe('Only for WebAssembly, which has no lines'),
    noLine: z.enum(NO_LINE_REASONS).exactOptional().describe('Why the line is withheld'),
  } satisfies Record<keyof Frame, z.ZodType>)
  .describe('One frame of a stack') satisfies z.ZodType<Frame>;
const frames = z.array(frame);

const exception: z.ZodType<RedactedException> = z
  .object({
    exceptionType: text,
    code: text,
    frames,
    get members() {
      return z.array(exception);
    },
  })
  .describe('Type and stack of an exception');

const heap = z.object({
  usedBytes: bytes,
  committedBytes: bytes,
  limitBytes: bytes,
}) satisfies z.ZodType<HeapStatistics>;

const beforeEndMs = count.describe('From when it was read to the exit');
const memory = z.object({
  process: z
    .object({
      beforeEndMs,
      uses: z
        .array(z.object({ of: z.enum(MEMORY_LIMITS), usedBytes: count, limitBytes: count }))
        .describe('The one that was nearest to its limit first'),
      residentBytes: count,
      growth: z.object({ bytes: z.int(), overMs: count }).nullable().describe('Of the resident memory'),
      mappings: z
        .array(z.object({ kind: z.enum(MAPPING_KINDS), bytes: count }))
        .nullable()
        .describe('Resident memory by what it is for'),
      descriptors: z
        .array(z.object({ kind: z.enum(DESCRIPTOR_KINDS), count }))
        .nullable()
        .describe('Open ones'),
      threads: count.nullable(),
    })
    .nullable()
    .describe('Read from outside of the process'),
  heap: z
    .object({
      beforeEndMs,
      usedBytes: count,
      limitBytes: count.nullable(),
      externalBytes: count.describe('Outside of the heap, array buffers included'),
      arrayBufferBytes: count,
      spaces: z.array(z.object({ name: z.enum(HEAP_SPACES), usedBytes: count, sizeBytes: count })),
      resources: z
        .array(z.object({ type: z.enum(ACTIVE_RESOURCES), count }))
        .describe('What kept the event loop alive'),
    })
    .nullable()
    .describe('Of V8, at the last full garbage collection that found it grown'),
}) satisfies z.ZodType<MemoryBeforeEnd>;

const fault = z.object({
  summary: z.enum(FAULT_SUMMARIES),
  siCode: z.number().nullable().describe('si_code of sigaction(2)'),
  addressClass: z.enum(ADDRESS_CLASSES).nullable(),
  systemCall: z.number().nullable().describe('The call that seccomp forbade'),
  abortKind: z.enum(ABORT_KINDS).nullable(),
}) satisfies z.ZodType<PublicFault>;

/** The redacted report. `docs/report.schema.json` is generated from this. */
export const report = z
  .object({
    schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
    id: z.string(),
    app: z.string(),
    instance: z.string(),
    diedAt: z.string().meta({ format: 'date-time' }),
    kind: z.enum(CRASH_KINDS),
    exceptionType: text,
    code: text.describe('Such as ECONNREFUSED, or a SQLSTATE'),
    signal: text,
    frames: frames.describe('Of the crashing thread, innermost first'),
    emitter: text
      .exactOptional()
      .describe(
        "Class of the emitter whose 'error' event had no listener; missing if the exception was no such event",
      ),
    handlerFailure: exception
      .exactOptional()
      .describe("What the app's own handler of uncaught exceptions threw"),
    addon: z
      .object({ name: z.string(), version: text, forOtherNode: z.boolean() })
      .exactOptional()
      .describe('The package whose addon crashed or could not be loaded'),
    causes: z.array(exception).describe('Outermost first'),
    members: z.array(exception).describe('Of an AggregateError'),
    heap: heap.nullable().describe('Only for out-of-memory'),
    memory: memory
      .exactOptional()
      .describe('Where the memory was before it ran out; missing if nothing read it'),
    fault: fault.nullable().describe('null if no debugger captured the crash'),
    otherThreads: z
      .array(z.object({ count, frames }))
      .describe('Stacks that other threads shared, most frequent first'),
    runtime: z
      .object({ name: z.enum(RUNTIMES), version: text })
      .nullable()
      .describe('null if it is unknown'),
    source: z
      .enum(REPORT_SOURCES)
      .describe(
        "An armed capture, what the runtime printed when it ended, the core dump that the system's handler took, or a sender other than Crashmon",
      ),
    proof: z
      .enum(PROOFS)
      .exactOptional()
      .describe('How sure it is that the process ended because of this exception; only with last words'),
    problems: z
      .array(z.object({ code: z.string(), count: count.exactOptional(), text: z.string() }))
      .describe('What could not be determined, and why; more codes can be added'),
    hold: z.object({ ms: z.number() }).describe('How long the capture paused the process'),
  } satisfies Record<keyof Shape, z.ZodType>)
  .describe(
    'A redacted report: it has no message, arguments, environment or memory',
  ) satisfies z.ZodType<Shape>;

/**
 * As the API answers it. Chains of exceptions are not described, as a response of an OpenAPI document cannot refer to
 * itself.
 */
export const storedReport = report.omit({ causes: true, members: true, handlerFailure: true }).loose();
