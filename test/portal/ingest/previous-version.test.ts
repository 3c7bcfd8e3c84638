import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';
import { previousRequest } from '../../support/previous-version.ts';

const HOUR_MS = 3_600_000;

test('what an agent of version 0.1 sends is stored as codes', async () => {
  await using portal = await startTestPortal();
  const nowMs = Date.now();
  const answer = await sendLogs(portal, previousRequest(nowMs));
  assert.deepEqual([answer.status, answer.json], [200, {}]);
  const range = { fromMs: nowMs - HOUR_MS, toMs: nowMs + HOUR_MS };
  const { items } = await portal.store.crashes('shop', { range }, 100);
  const crashes = await Promise.all(items.map(({ uid }) => portal.store.crash('shop', uid)));
  const reasons = crashes.map((crash) => [crash?.crashId.slice(0, 4), crash?.reason]);
  assert.deepEqual(Object.fromEntries(reasons), {
    '0c0f': { code: 'uncaught-exception' },
    '1c0f': { code: 'printed-exception' },
    '2c0f': { code: 'unknown' },
    '3c0f': { code: 'invalid-memory-access', shellSignal: 'SIGSEGV' },
    '4c0f': { code: 'invalid-memory-access', firstSignal: 'SIGSEGV' },
    '5c0f': { code: 'heap-exhausted' },
    '6c0f': { code: 'uncaught-exception' },
  });
});
