import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HEAP_NAME, readHeap } from '../../agent/raw-run.ts';
import { inMemory } from '../../agent/run-in-memory.ts';
import { formatByteSize } from '../../formats/byte-size.ts';
import { formatDuration } from '../../formats/duration.ts';
import { rawDirectory } from '../../journal/raw-capture.ts';
import type { HeapPlan } from '../../model/session.ts';
import { MEMORY_FACTOR, snapshotAt, snapshotMs } from '../../policy/heap-snapshot.ts';

/** A heap of small objects, the slowest kind. */
const SAMPLE = `
const v8 = require('node:v8');
const kept = [];
for (let n = 0; n < 10_000; n++) kept.push({ id: n, name: 'item ' + n, list: [n, { n }] });
const megabytes = process.memoryUsage().heapUsed / 1e6;
const begunMs = performance.now();
v8.writeHeapSnapshot('/dev/null');
console.log(((performance.now() - begunMs) / megabytes).toFixed(2), kept.length);
`;
const LONGEST_MS = 60_000;
/** Where it could not be measured: on a busy machine with two processors. */
const SLOW_MS_PER_MEGABYTE = 200;
const EXAMPLE_BYTES = 100e6;

/** How long a heap snapshot takes here, for each megabyte of the heap. */
export async function snapshotRate(): Promise<number> {
  try {
    const run = promisify(execFile)(process.execPath, ['-e', SAMPLE], { timeout: LONGEST_MS, env: {} });
    const msPerMegabyte = Number.parseFloat((await run).stdout);
    return msPerMegabyte > 0 ? msPerMegabyte : SLOW_MS_PER_MEGABYTE;
  } catch {
    return SLOW_MS_PER_MEGABYTE;
  }
}

/** Of the worker that runs, as its probe has written it; null if that is not known (yet). */
export function heapLimitOf(directory: string, uid: number, runId: string): number | null {
  try {
    const path = join(inMemory({ directory, runId, uid }), HEAP_NAME);
    return readHeap(path, rawDirectory(directory, runId)).limitBytes;
  } catch {
    return null;
  }
}

/** What a snapshot costs, before there is one. @param limitBytes of V8's heap; null: not known */
export function heapSentences(plan: HeapPlan, limitBytes: number | null): string[] {
  const { fromBytes, longestMs } = plan;
  const when =
    fromBytes === null
      ? 'at 90 % of its limit'
      : `from ${formatByteSize(fromBytes)} on, or at 90 % of its limit`;
  const atBytes = limitBytes === null ? fromBytes : snapshotAt(plan, limitBytes);
  const holdMs = snapshotMs(plan, atBytes ?? EXAMPLE_BYTES);
  const of = atBytes === null ? `each ${formatByteSize(EXAMPLE_BYTES)}` : formatByteSize(atBytes);
  return [
    `A heap snapshot of V8's heap is taken ${when}, once per run. While it is taken the worker answers nothing: up to about ${formatDuration(holdMs)} for ${of} of small objects, as measured here now. Meanwhile it needs up to ${MEMORY_FACTOR} times that memory more, and is not started if there is less; if another process takes it up meanwhile, the kernel can kill the worker. The supervisor's health checks can, too.`,
    ...(holdMs > longestMs && atBytes !== null
      ? [
          `That is longer than --heap-hold (${formatDuration(longestMs)}): none would be taken. Give a longer time, or a smaller --heap-at.`,
        ]
      : []),
    ...(limitBytes === null
      ? ['The limit of the heap that runs is not known yet, so neither is what a snapshot near it costs.']
      : []),
  ];
}
