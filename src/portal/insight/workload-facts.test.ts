import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workloadFacts } from './workload-facts.ts';

const lines = (workload: Parameters<typeof workloadFacts>[0]) =>
  workloadFacts(workload).map(({ label, value }) => `${label}: ${value}`);

test('what runs an instance, as its supervisor calls it', () => {
  assert.deepEqual(lines({}), []);
  assert.deepEqual(lines({ 'crashmon.source': 'systemd', 'systemd.unit': 'shop@2.service' }), [
    'Started by: systemd',
    'Unit: shop@2.service',
  ]);
  assert.deepEqual(lines({ 'crashmon.source': 'pm2', 'pm2.exec_mode': 'cluster' }), [
    'Started by: PM2 (cluster mode)',
  ]);
  assert.deepEqual(
    lines({
      'crashmon.source': 'kubernetes',
      'container.id': 'a'.repeat(64),
      'container.image.name': 'team/shop:1.2',
      'k8s.namespace.name': 'web',
      'k8s.deployment.name': 'shop',
      'k8s.pod.name': 'shop-7d4b9c-x2x4z',
      'k8s.container.name': 'app',
      'k8s.node.name': 'node-1',
    }),
    [
      ...['Started by: Kubernetes', 'Deployment: shop', 'Pod: web/shop-7d4b9c-x2x4z', 'Container: app'],
      ...['Image: team/shop:1.2', 'Node: node-1'],
    ],
  );
  assert.deepEqual(lines({ 'crashmon.source': 'other', 'container.id': 'a'.repeat(64) }), [
    'Started by: other',
    'Container: aaaaaaaaaaaa',
  ]);
});
