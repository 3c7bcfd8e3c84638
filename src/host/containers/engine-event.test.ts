import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readContainer, serviceOf } from './container.ts';
import { readContainerLog } from './container-log.ts';
import { readEngineEvent } from './engine-event.ts';

test('answers of any other kind are nothing, without an error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(readContainer(value), null);
      assert.equal(readEngineEvent(value), null);
    }),
  );
  fc.assert(
    fc.property(
      fc.uint8Array(),
      (bytes) => readContainerLog(Buffer.from(bytes), false).length < bytes.length + 1,
    ),
  );
});

test('of a pod, its names are attributes', () => {
  const container = readContainer({
    ...{ Id: 'b'.repeat(12), Name: '/k8s_shop', State: { Pid: 1 } },
    Config: {
      Labels: {
        'io.kubernetes.pod.name': 'shop-1',
        'io.kubernetes.pod.namespace': 'web',
        'io.kubernetes.container.name': 'shop',
      },
    },
  });
  assert.ok(container !== null);
  assert.deepEqual(serviceOf('docker', container).attributes, {
    ...{ 'container.id': 'b'.repeat(12), 'container.name': 'k8s_shop', 'container.image.name': '' },
    ...{ 'k8s.pod.name': 'shop-1', 'k8s.namespace.name': 'web', 'k8s.container.name': 'shop' },
  });
});
