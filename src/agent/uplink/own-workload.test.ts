import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownWorkload, type Surroundings } from './own-workload.ts';

const workloadOf = (given: Partial<Surroundings>) =>
  ownWorkload({ env: {}, pid: 7, hostname: 'web-1', read: () => null, ...given });

test('in a pod of a Deployment: its namespace, Deployment and pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', SYSTEMD_EXEC_PID: '7' };
  const read = (path: string) => (path.endsWith('/namespace') ? 'web\n' : null);
  assert.deepEqual(workloadOf({ env, read, hostname: 'shop-api-7d9f8b6c5d-x2x4z' }), {
    'k8s.namespace.name': 'web',
    'k8s.deployment.name': 'shop-api',
    'k8s.pod.name': 'shop-api-7d9f8b6c5d-x2x4z',
  });
  // A StatefulSet, a Job, and a node whose network the pod uses.
  for (const hostname of ['shop-0', 'shop-28123456-x2x4z', 'node-1.example.org']) {
    assert.deepEqual(workloadOf({ env, read, hostname }), { 'k8s.namespace.name': 'web' }, hostname);
  }
});

test('as the main process of a unit: its name, in both versions of control groups', () => {
  const env = { SYSTEMD_EXEC_PID: '7' };
  for (const text of [
    '0::/system.slice/shop.service\n',
    '2:cpu:/\n1:name=systemd:/system.slice/shop.service\n',
  ]) {
    assert.deepEqual(workloadOf({ env, read: () => text }), { 'systemd.unit': 'shop.service' });
  }
  const read = () => '0::/system.slice/cron.service\n';
  assert.deepEqual(workloadOf({ env: { SYSTEMD_EXEC_PID: '6' }, read }), {});
  assert.deepEqual(workloadOf({ env, read: () => '0::/\n' }), {});
  assert.deepEqual(workloadOf({ env }), {});
});
