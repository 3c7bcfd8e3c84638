import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kubernetesPlace } from './kubernetes-place.ts';
import { type Pod, readPod } from './pod.ts';
import { PodServices } from './pod-services.ts';
import { readCriLog } from './previous-log.ts';

test('answers of any other kind are nothing, without an error', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(readPod(value), null)));
  fc.assert(fc.property(fc.string(), (text) => readCriLog(text).length <= text.length + 1));
});

test('an owner is known without the hash of its ReplicaSet', () => {
  const owned = (kind: string, name: string, labels: object = {}) =>
    readPod({
      metadata: {
        ...{ name: 'shop-1', namespace: 'web', uid: 'u', labels },
        ownerReferences: [{ kind, name }],
      },
    });
  const hash = { 'pod-template-hash': '5f' };
  const deployed = owned('ReplicaSet', 'shop-5f', hash);
  assert.deepEqual([deployed?.owner, deployed?.deployment], ['shop', 'shop']);
  assert.deepEqual(
    [owned('ReplicaSet', 'shop')?.owner, owned('ReplicaSet', 'shop')?.deployment],
    ['shop', null],
  );
  assert.deepEqual(owned('StatefulSet', 'db', hash)?.owner, 'db');
  const { owner, deployment } = readPod({ metadata: { name: 'alone', namespace: 'web', uid: 'u' } }) as Pod;
  assert.deepEqual([owner, deployment], ['alone', null]);
});

test('apps are named by namespace and owner, and by the container if there are several', () => {
  const services = new PodServices();
  const container = (name: string) => ({ name, image: 'i', restarts: 0, running: null, ended: [] });
  const pod = (uid: string, namespace: string, containers: string[]): Pod => ({
    ...{ uid, namespace, name: `shop-${uid}`, node: 'n', owner: 'shop', deployment: null, isDeleted: false },
    containers: containers.map(container),
  });
  const idOf = (one: Pod, name: string) => services.of(one, container(name)).id;
  const first = pod('a', 'web', ['app']);
  const second = pod('b', 'web', ['app']);
  assert.deepEqual(
    [idOf(first, 'app'), idOf(second, 'app')],
    ['kubernetes:web/shop/app', 'kubernetes:web/shop/app:2'],
  );
  services.release(first, container('app'));
  assert.equal(idOf(pod('c', 'web', ['app']), 'app'), 'kubernetes:web/shop/app');
  assert.equal(services.of(pod('d', 'default', ['shop', 'proxy']), container('shop')).name, 'shop');
  assert.equal(services.of(pod('d', 'default', ['shop', 'proxy']), container('proxy')).name, 'shop-proxy');
});

test('in a cluster it is known where the API server is, and which node this is', () => {
  assert.equal(kubernetesPlace({}), null);
  assert.equal(kubernetesPlace({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }), null);
  const env = {
    KUBERNETES_SERVICE_HOST: 'fd00::1',
    KUBERNETES_SERVICE_PORT: '6443',
    CRASHMON_NODE_NAME: 'node-1',
  };
  assert.deepEqual(
    [kubernetesPlace(env)?.url, kubernetesPlace(env)?.node],
    ['https://[fd00::1]:6443', 'node-1'],
  );
});
