import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptedByPreviousPortal, isShownByPreviousPortal } from '../../../test/support/previous-portal.ts';
import { previousRequest, previousSentences, recordsOf } from '../../../test/support/previous-version.ts';
import { arbitraryRecord } from '../../../test/support/telemetry/arbitrary-record.ts';
import { sentenceOfReason } from '../../model/history/reason-sentences.ts';
import { readReason } from '../../model/read-reason.ts';
import type { TelemetryRecord } from '../../model/telemetry.ts';
import { encodeRecord } from './encode-record.ts';
import type { OtlpLogRecord } from './otlp-json.ts';

const sent = (record: TelemetryRecord): OtlpLogRecord =>
  JSON.parse(JSON.stringify(encodeRecord(record, ({ code }) => code)));

test('the frozen rules accept what agents of version 0.1 sent', () => {
  for (const record of recordsOf(previousRequest(1_700_000_000_000))) acceptedByPreviousPortal(record);
});

test('a portal of version 0.1 accepts every record, and knows all problems', () => {
  fc.assert(
    fc.property(arbitraryRecord, (record) => {
      const report = acceptedByPreviousPortal(sent(record));
      assert.ok(report === null || report.problems.every(isShownByPreviousPortal), JSON.stringify(report));
    }),
  );
});

test('it knows the reason of every exit that counts', () => {
  for (const { status, counted, sentence } of previousSentences().reasons) {
    const again = sentenceOfReason(readReason(sentence), status) ?? '';
    assert.equal(isShownByPreviousPortal(again), counted, again);
  }
});
