import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Journal } from '../journal/journal.ts';
import { publishRecord } from '../privacy/publish-record.ts';
import { type DumpTarget, sendDump } from '../uplink/send-dump.ts';
import { type Dump, type DumpFacts, dumpFactsOf, dumpOf } from './dump.ts';
import type { Outgoing, PublicRecord } from './public-record.ts';
import type { RedactedReport } from './redacted-report.ts';
import type { SealedDump } from './sealed-dump.ts';
import type { HeartbeatRecord } from './telemetry.ts';

/** Compiled, never called: `tsc` fails where one of these is no mistake any more. */
function nothingThatLeavesCanBeADump(
  dump: Dump,
  facts: DumpFacts,
  journal: Journal,
  target: DumpTarget,
): void {
  // @ts-expect-error a dump is no record
  const record: PublicRecord = dump;
  // @ts-expect-error nor is what describes it
  const described: PublicRecord = facts;
  // @ts-expect-error it is no report
  const report: RedactedReport = dump;
  // @ts-expect-error the outbox takes neither
  const outgoing: Outgoing = { version: null, records: [dump, facts] };
  // @ts-expect-error and no record can be made of it
  publishRecord(dump);
  // @ts-expect-error what a heartbeat says of dumps has neither
  const heartbeat: Pick<HeartbeatRecord, 'dumps'> = { dumps: [dump, facts] };
  // @ts-expect-error the journal stores none
  journal.saveReport('0123456789ab', dump);
  // @ts-expect-error a portal gets only what is encrypted
  void sendDump(target, { crashUid: '', have: 0 }, dump);
  // @ts-expect-error nor does anything that was read from a file
  const sealed: SealedDump = { sizeBytes: 3, read: () => new Uint8Array(3) };
  void [record, described, report, outgoing, heartbeat, sealed];
}

test('a dump is a type of its own', () => {
  assert.equal(typeof nothingThatLeavesCanBeADump, 'function');
  assert.equal(dumpOf(new Uint8Array(3)).core.length, 3);
  assert.equal(typeof dumpFactsOf, 'function');
});
