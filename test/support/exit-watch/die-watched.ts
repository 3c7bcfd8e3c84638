import assert from 'node:assert/strict';
import path from 'node:path';
import type { ExitWatch } from '../../../src/exit-watch/exit-watch.ts';
import { readNodeLayout } from '../../../src/exit-watch/node-layout.ts';
import { readUncaught } from '../../../src/exit-watch/read-uncaught.ts';
import type { CandidateRecord } from '../../../src/model/probe-record.ts';
import { readProcessStat } from '../../../src/worker/process-info.ts';
import { startProgram } from '../run-program.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'fixtures', 'node');

/** Runs a fixture to its end under the exit watch, and reads the exception that ended it. */
export async function dieWatched(
  watch: ExitWatch,
  node: string,
  fixture: string,
): Promise<{ code: number | null; record: CandidateRecord | null }> {
  const args = ['--require', path.join(FIXTURES, 'waits-for-line.cjs'), path.join(FIXTURES, fixture)];
  await using worker = startProgram(node, args, { input: 'open' });
  await worker.waitForLine('stdout', /^ready$/);
  const { pid } = worker;
  const watched = await watch.watch(
    { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0 },
    { hold: true },
  );
  assert.ok(!('failed' in watched));
  const layout = readNodeLayout(pid);
  assert.ok(layout !== null, 'this Node does not describe itself');
  const held = Promise.withResolvers<CandidateRecord | null>();
  watched.onHeld((process) => held.resolve(readUncaught(process, layout, Date.now())));
  worker.stdin.end('\n');
  const { code } = await worker.exited;
  return { code, record: await held.promise };
}
