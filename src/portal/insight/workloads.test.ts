import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { replacedOf, workloadsOf } from './workloads.ts';

const NOW = Date.UTC(2026, 10, 30);
const HOUR = 3_600_000;

const instance = (name: string, more: Partial<InstanceSummary>): InstanceSummary => ({
  ...{ instance: name, state: 'watching', version: null, crashmonVersion: null, settings: null },
  ...{ crashesLastDay: 1, crashesTotal: 2, crashesInWindow: 0, lostRecords: 0 },
  ...{
    cooldownUntilMs: null,
    workerStartedAtMs: null,
    firstSeenMs: NOW,
    lastSeenMs: NOW,
    lastCrashAtMs: null,
  },
  ...more,
});
const pod = (name: string, more: Partial<InstanceSummary> = {}) =>
  instance(name, { workload: { 'k8s.namespace.name': 'web', 'k8s.deployment.name': 'shop' }, ...more });

test('replaced pods count for their Deployment, and are known as replaced while one runs', () => {
  const stopped = pod('a', { state: 'stopped' });
  const killed = pod('b', { state: 'silent', lastSeenMs: NOW - 25 * HOUR });
  const silent = pod('c', { state: 'silent', lastSeenMs: NOW - HOUR });
  const others = [instance('host', {}), instance('x', { workload: { 'systemd.unit': 'one.service' } })];
  const all = [stopped, killed, silent, pod('d'), ...others];
  assert.deepEqual(workloadsOf(all, NOW), [
    ...[{ label: 'Deployment', name: 'web/shop', running: 2, gone: 2, crashesLastDay: 4 }],
  ]);
  assert.deepEqual([...replacedOf(all, NOW)], [stopped, killed]);
  const alone = { label: 'Deployment', name: 'web/shop', running: 1, gone: 0, crashesLastDay: 1 };
  assert.deepEqual(workloadsOf([pod('d'), ...others], NOW), [alone]);
});

test('pods of a Deployment that runs nowhere are not replaced, nor is a host of a unit', () => {
  const unit = { workload: { 'systemd.unit': 'shop.service' } };
  assert.deepEqual(
    [...replacedOf([instance('a', { ...unit, state: 'stopped' }), instance('b', unit)], NOW)],
    [],
  );
  assert.deepEqual(
    [...replacedOf([pod('a', { state: 'stopped' }), pod('b', { state: 'stopped' })], NOW)],
    [],
  );
  assert.deepEqual([...replacedOf([instance('a', { state: 'stopped' }), instance('b', {})], NOW)], []);
});
