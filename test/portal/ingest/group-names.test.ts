import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { factsOfExit } from '../../../src/model/crash-facts.ts';
import { signatureOf } from '../../../src/signature/signature.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { captureRecord, crashRecord, redactedReport } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const HOUR_MS = 3_600_000;
const LIE = 'Pay at evil.example';
const STATUS = { type: 'code', code: 1 } as const;
const withStack = signatureOf({ ...reportOf('total'), status: STATUS });
const withoutStack = signatureOf(factsOfExit('exception', STATUS));

onBothDatabases((fresh) => {
  describe('a group', () => {
    test('keeps its name, whatever title, stack or time comes later', async () => {
      await using portal = await startTestPortal({ database: await fresh() });
      const now = Date.now();
      const honest = { signatures: withStack.values, report: reportOf('total') };
      const bare = { signatures: withoutStack.values };
      await send(portal, [
        crashRecord('c0c0c0c0c001', now, bare),
        captureRecord('c0c0c0c0c001', now, honest),
      ]);
      await send(portal, [crashRecord('c0c0c0c0c002', now, bare)]);
      const named = await titles(portal);
      assert.deepEqual(named, [withStack.title, withoutStack.title].toSorted());

      const ahead = now + 23 * HOUR_MS;
      const report = reportOf('payAtEvilExample');
      const { partialSuccess } = await post(portal, [
        crashRecord('e0e0e0e0e001', ahead, { ...honest, title: LIE }),
        crashRecord('e0e0e0e0e002', ahead, { ...bare, title: LIE }),
        captureRecord('e0e0e0e0e002', ahead, { ...bare, title: LIE, report }),
        crashRecord('e0e0e0e0e003', ahead, { ...bare, title: LIE }),
        captureRecord('e0e0e0e0e003', ahead, { ...honest, title: LIE, report }),
      ]);
      assert.equal(partialSuccess?.rejectedLogRecords, '0');
      assert.deepEqual(await titles(portal), named);
    });

    test('is named by its own stack, where a crash without one came first', async () => {
      await using portal = await startTestPortal({ database: await fresh() });
      const now = Date.now();
      const group = { signatures: withStack.values, report: reportOf('total') };
      await send(portal, [crashRecord('c0c0c0c0c001', now, { ...group, title: LIE })]);
      assert.deepEqual(await titles(portal), [withoutStack.title]);
      await send(portal, [captureRecord('c0c0c0c0c001', now, { ...group, title: LIE })]);
      assert.deepEqual(await titles(portal), [withStack.title]);
    });
  });
});

/** Whole milliseconds, as they are sent. */
function reportOf(place: string): ReturnType<typeof redactedReport> {
  return { ...redactedReport('a', place), hold: { ms: 1 } };
}

async function send(portal: TestPortal, records: Parameters<typeof agentRequest>[0]): Promise<void> {
  assert.deepEqual(await post(portal, records), {});
}

type Answer = { partialSuccess?: { rejectedLogRecords: string } };

async function post(portal: TestPortal, records: Parameters<typeof agentRequest>[0]): Promise<Answer> {
  return (await sendLogs(portal, agentRequest(records))).json as Answer;
}

async function titles({ store }: TestPortal): Promise<string[]> {
  const now = Date.now();
  const range = { fromMs: now - HOUR_MS, toMs: now + 24 * HOUR_MS };
  return (await store.signatures('shop', range, 10, now)).map(({ title }) => title).toSorted();
}
