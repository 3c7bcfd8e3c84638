import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { crashRecord, heartbeatRecord } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';

const HOUR_MS = 3_600_000;

onBothDatabases((fresh) => {
  test('a record dated ahead outlasts none that comes after it', async () => {
    await using portal = await startTestPortal({ database: await fresh() });
    const now = Date.now();
    const ahead = now + 23 * HOUR_MS;
    const lie = { state: 'disabled', crashesInWindow: 99, workerStartedAtMs: ahead } as const;
    await sendLogs(portal, agentRequest([heartbeatRecord('e'.repeat(24), ahead, lie)]));
    await sendLogs(portal, agentRequest([crashRecord('f'.repeat(24), ahead, { state: 'disabled' })]));
    const truth = heartbeatRecord('a'.repeat(24), Date.now(), { state: 'armed', crashesInWindow: 4 });
    await sendLogs(portal, agentRequest([truth]));
    const [instance] = await portal.store.instances('shop', Date.now());
    assert.deepEqual([instance?.state, instance?.crashesInWindow], ['armed', 4]);
    assert.ok((instance?.lastSeenMs ?? ahead) < ahead && (instance?.lastCrashAtMs ?? ahead) < ahead);
  });

  test('crashes of a clock that is an hour ahead are kept, once, and their sender hears of it', async () => {
    await using portal = await startTestPortal({ database: await fresh() });
    const request = agentRequest([crashRecord('a'.repeat(24), Date.now() + HOUR_MS)]);
    for (const _ of [1, 2]) {
      const { partialSuccess } = (await sendLogs(portal, request)).json;
      assert.equal(partialSuccess?.rejectedLogRecords ?? '0', '0');
      assert.match(
        partialSuccess?.errorMessage ?? '',
        /^1 stored with a time up to \d+ min ahead: check the clock/,
      );
    }
    const range = { fromMs: 0, toMs: Date.now() + 2 * HOUR_MS };
    assert.equal((await portal.store.crashes('shop', { range }, 10)).items.length, 1);
  });
});
