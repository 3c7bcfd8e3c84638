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
const withStack = signatureOf({ ...redactedReport('a'), status: STATUS });
const withoutStack = signatureOf(factsOfExit('exception', STATUS));

onBothDatabases((fresh) => {
  describe('a group', () => {
    test('keeps its name, whatever title, stack or time comes later', async () => {
      await using portal = await startTestPortal({ database: await fresh() });
      const now = Date.now();
      const honest = { signatures: withStack.values };
      const bare = { signatures: withoutStack.values };
      await send(portal, [crashRecord('crash-0001', now, bare), captureRecord('crash-0001', now, honest)]);
      await send(portal, [crashRecord('crash-0002', now, bare)]);
      const named = await titles(portal);
      assert.deepEqual(named, [withStack.title, withoutStack.title].toSorted());

      const ahead = now + 23 * HOUR_MS;
      const report = redactedReport('x', 'payAtEvilExample');
      await send(portal, [
        crashRecord('evil-0001', ahead, { ...honest, title: LIE }),
        crashRecord('evil-0002', ahead, { ...bare, title: LIE }),
        captureRecord('evil-0002', ahead, { ...bare, title: LIE, report }),
        crashRecord('evil-0003', ahead, { ...bare, title: LIE }),
        captureRecord('evil-0003', ahead, { ...honest, title: LIE, report }),
      ]);
      assert.deepEqual(await titles(portal), named);
    });

    test('is named by its own stack, where a crash without one came first', async () => {
      await using portal = await startTestPortal({ database: await fresh() });
      const now = Date.now();
      const group = { signatures: withStack.values };
      await send(portal, [crashRecord('crash-0001', now, { ...group, title: LIE })]);
      assert.deepEqual(await titles(portal), [withoutStack.title]);
      await send(portal, [captureRecord('crash-0001', now, { ...group, title: LIE })]);
      assert.deepEqual(await titles(portal), [withStack.title]);
    });
  });
});

async function send(portal: TestPortal, records: Parameters<typeof agentRequest>[0]): Promise<void> {
  assert.deepEqual((await sendLogs(portal, agentRequest(records))).json, {});
}

async function titles({ store }: TestPortal): Promise<string[]> {
  const now = Date.now();
  const range = { fromMs: now - HOUR_MS, toMs: now + 24 * HOUR_MS };
  return (await store.signatures('shop', range, 10, now)).map(({ title }) => title).toSorted();
}
