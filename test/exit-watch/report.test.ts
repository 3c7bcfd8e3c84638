import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { buildCrashReport } from '../../src/analysis/build-crash-report.ts';
import { ExitWatch } from '../../src/exit-watch/exit-watch.ts';
import { UncaughtReader } from '../../src/exit-watch/uncaught-reader.ts';
import type { CrashReport } from '../../src/model/crash-report.ts';
import { redact } from '../../src/privacy/redact.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { dieWatched } from '../support/exit-watch/die-watched.ts';

const watch = new ExitWatch({ onProblem: (message) => assert.fail(message) });
assert.equal(await watch.start(), null);
after(() => watch.end());
const reader = new UncaughtReader(watch);

const readSource = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

/** What the analysis makes of a record of the exit watch alone. */
async function reportOf(fixture: string): Promise<CrashReport> {
  const { code, record } = await dieWatched(watch, reader, process.execPath, fixture);
  assert.ok(record !== null);
  return buildCrashReport({
    ...{ id: 'a1b2c3d4e5f6', app: 'shop', instance: 'web-1', diedAtMs: record.atMs + 5, kind: 'exit' },
    ...{ status: { type: 'code', code: code ?? -1 }, armed: true, appRoot: CHECKOUT, workspaceRoot: null },
    ...{ claim: null, candidates: [record], stderr: null, native: null, problems: [] },
    memory: null,
    heapMemory: null,
    heapLimitBytes: () => null,
    symbols: { mapFrames: (frames) => [...frames], problems: () => [] },
    readSource,
    scripts: { hashes: () => [], strippedHashes: () => [], changedAtMs: () => null },
    isOnDisk: existsSync,
  });
}

const framesOf = ({ frames, exception }: CrashReport): string[] =>
  (exception?.frames ?? frames)
    .filter(({ inApp }) => inApp)
    .map(({ function: name, file, line }) => `${name} ${path.basename(file ?? '')}:${line}`);

test('an exception has its type, functions and lines', async () => {
  const report = await reportOf('throws-error.cjs');
  assert.equal(report.kind, 'exception');
  assert.equal(report.exception?.type, 'TypeError');
  assert.deepEqual(framesOf(report).slice(0, 2), [
    'Shop.order throws-error.cjs:3',
    'handleRequest throws-error.cjs:7',
  ]);
  assert.equal(report.exception?.message, 'no such item');
  assert.doesNotMatch(JSON.stringify(redact(report)), /no such item/);
});

test('an exception whose stack nothing read has them, too', async () => {
  const report = await reportOf('handler-exits-silently.cjs');
  assert.equal(report.exception?.type, 'TypeError');
  assert.deepEqual(framesOf(report).slice(0, 2), [
    'order handler-exits-silently.cjs:7',
    'handleRequest handler-exits-silently.cjs:12',
  ]);
});

test('a deliberate exit has its callers', async () => {
  const report = await reportOf('exits.cjs');
  assert.equal(report.kind, 'exit');
  assert.deepEqual(framesOf(report).slice(0, 2), ['giveUp exits.cjs:null', 'tick exits.cjs:null']);
});
