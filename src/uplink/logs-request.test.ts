import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { publishRecord } from '../privacy/publish-record.ts';
import { logsRequest } from './logs-request.ts';

const SOURCE = { app: 'shop', instance: 'web-1', crashmonVersion: '0.1.0' };
const CRASH = publishRecord({
  type: 'crash',
  uid: '018bcfe5687b0123456789ab',
  atMs: 1_700_000_000_123,
  crashId: '0123456789ab',
  kind: 'exception',
  suspected: false,
  status: { type: 'code', code: 1 },
  reason: { code: 'uncaught-exception' },
  armed: true,
  captured: true,
  uptimeMs: 12,
  crashesInWindow: 4,
  settings: { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 },
  state: 'cooling-down',
  backAfterMs: 41,
  signatures: ['v2:a', 'v1:b'],
  title: 'TypeError in Cart.total',
});

test('an equal record of the official JavaScript exporter is equal JSON', () => {
  // What @opentelemetry/otlp-transformer 0.301.0 (JsonLogsSerializer) made of the same resource, scope and attributes.
  const golden = path.join(CHECKOUT, 'test', 'goldens', 'otlp', 'official-exporter.json');
  const ours = logsRequest(SOURCE, [{ version: '7.1', record: CRASH }]);
  assert.deepEqual(JSON.parse(JSON.stringify(ours)), JSON.parse(readFileSync(golden, 'utf8')));
});

test('records about two versions of the app have a resource each, in order', () => {
  const versions = ['1', '1', null, '1'];
  const request = logsRequest(
    SOURCE,
    versions.map((version) => ({ version, record: CRASH })),
  );
  const resources = request.resourceLogs.map(({ resource, scopeLogs }) => [
    resource.attributes.some(({ key }) => key === 'service.version'),
    scopeLogs[0]?.logRecords.length,
  ]);
  assert.deepEqual(resources, [
    [true, 2],
    [false, 1],
    [true, 1],
  ]);
});

test('nothing to send is a request without records', () => {
  assert.deepEqual(logsRequest(SOURCE, []), { resourceLogs: [] });
});
