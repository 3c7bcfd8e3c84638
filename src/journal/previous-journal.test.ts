import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { PREVIOUS } from '../../test/support/previous-version.ts';
import { parseRedactedReport } from '../privacy/parse-redacted-report.ts';
import { parsePublicRecord } from '../privacy/publish-record.ts';
import type { JournalReader } from './journal-reader.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';

const REASONS = [
  { code: 'uncaught-exception' },
  { code: 'printed-exception' },
  { code: 'unknown' },
  { code: 'invalid-memory-access', shellSignal: 'SIGSEGV' },
  { code: 'invalid-memory-access', firstSignal: 'SIGSEGV' },
  { code: 'heap-exhausted' },
  { code: 'uncaught-exception' },
  { code: 'normal' },
  { code: 'stop-requested', firstSignal: 'SIGTERM' },
  { code: 'killed' },
];
const PROBLEMS = [
  { code: 'source-map-damaged', count: 1 },
  { code: 'frames-cut', count: 12 },
  { code: 'names-withheld', count: 2 },
];
const reasonsOf = (reader: JournalReader) =>
  reader
    .exits({ limit: 20 })
    .map(({ verdict }) => verdict.reason)
    .toReversed();

test('a journal of version 0.1 is read as codes, before and after an agent opens it', () => {
  using directory = temporaryDirectory();
  copyFileSync(path.join(PREVIOUS, 'journal.db'), path.join(directory.path, 'journal.db'));
  using before = openJournalReadOnly(directory.path);
  assert.ok(before !== null);
  assert.deepEqual(reasonsOf(before), REASONS);
  using journal = openJournal(directory.path, { app: 'shop', instance: 'web-1' }, 0);
  assert.deepEqual(reasonsOf(journal), REASONS);
  const [exit] = journal.exitsByPrefix('1c0ffee0');
  assert.deepEqual(exit?.analysisProblem, { code: 'analysis-failed' });
  const stored = parseRedactedReport(JSON.parse(journal.report('0c0ffee00000') ?? ''));
  const { schemaVersion, problems, runtime, source } = stored;
  assert.deepEqual([schemaVersion, problems], [3, PROBLEMS]);
  assert.deepEqual([runtime, source], [{ name: 'node', version: '24.21.0' }, 'capture']);
});

test('what waits in its outbox is sent as codes', () => {
  using directory = temporaryDirectory();
  copyFileSync(path.join(PREVIOUS, 'journal.db'), path.join(directory.path, 'journal.db'));
  using journal = openJournal(directory.path, { app: 'shop', instance: 'web-1' }, 0);
  const records = journal
    .waiting({ records: 100, bytes: 1e6 })
    .map(({ record }) => parsePublicRecord(record));
  const reasons = records.flatMap((record) => (record.type === 'crash' ? [record.reason] : []));
  assert.deepEqual(reasons, REASONS.slice(0, reasons.length));
  assert.ok(reasons.length >= 7);
  const problems = records.flatMap((record) => (record.type === 'capture' ? [record.report.problems] : []));
  assert.deepEqual(problems[0], PROBLEMS);
});
