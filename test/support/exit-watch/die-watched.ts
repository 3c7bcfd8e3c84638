import assert from 'node:assert/strict';
import path from 'node:path';
import type { ExitWatch } from '../../../src/exit-watch/exit-watch.ts';
import type { UncaughtReader } from '../../../src/exit-watch/uncaught-reader.ts';
import type { CandidateRecord } from '../../../src/model/probe-record.ts';
import { readProcessStat } from '../../../src/worker/process-info.ts';
import { startProgram } from '../run-program.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'fixtures', 'node');

/** A busy machine can be too slow for a hold. */
const ATTEMPTS = 50;

/** Runs a fixture to its end under the exit watch, and reads the exception that ended it. */
export async function dieWatched(
  watch: ExitWatch,
  reader: UncaughtReader,
  node: string,
  fixture: string,
): Promise<{ code: number | null; record: CandidateRecord | null }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { code, isRead, record } = await dieOnce(watch, reader, node, fixture);
    if (isRead) return { code, record };
  }
  throw new Error(`it was not held long enough in ${ATTEMPTS} attempts`);
}

async function dieOnce(watch: ExitWatch, reader: UncaughtReader, node: string, fixture: string) {
  const args = ['--require', path.join(FIXTURES, 'waits-for-line.cjs'), path.join(FIXTURES, fixture)];
  await using worker = startProgram(node, args, { input: 'open' });
  await worker.waitForLine('stdout', /^ready$/);
  const { pid } = worker;
  const watched = await watch.watch(
    { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0 },
    { hold: true },
  );
  assert.ok(!('failed' in watched));
  const reading = reader.expect(watched, Date.now());
  assert.ok(reading !== null, 'this Node does not describe itself');
  worker.stdin.end('\n');
  const { code } = await worker.exited;
  return { code, ...(await reading) };
}
