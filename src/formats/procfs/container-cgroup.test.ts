import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { containerAttributes, parseContainerCgroup } from './container-cgroup.ts';

const ID = '0123456789abcdef'.repeat(4);
const POD = '12345678-1234-1234-1234-123456789abc';
const SLICE = `kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice`;

test('a container is known by its cgroup', () => {
  const cases: [string, string | null, string | null][] = [
    [`0::/system.slice/docker-${ID}.scope`, 'docker', null],
    [`12:memory:/docker/${ID}\n0::/`, 'docker', null],
    [`0::/kubepods.slice/kubepods-burstable.slice/${SLICE}/cri-containerd-${ID}.scope`, 'containerd', POD],
    [`0::/kubepods.slice/kubepods-burstable.slice/${SLICE}/crio-${ID}.scope/container`, 'cri-o', POD],
    [`0::/system.slice/containerd.service/${SLICE}:cri-containerd:${ID}`, 'containerd', null],
    [`4:cpu:/kubepods/besteffort/pod${POD}/${ID}`, null, POD],
    [`0::/machine.slice/libpod-${ID}.scope/container`, 'podman', null],
    [`0::/docker/${'f'.repeat(64)}/system.slice/docker-${ID}.scope`, 'docker', null],
  ];
  for (const [text, runtime, podUid] of cases) {
    assert.deepEqual(parseContainerCgroup(text), { runtime, id: ID, podUid }, text);
  }
});

test('what is no container is none', () => {
  const texts = [
    '',
    '0::/',
    '0::/system.slice/shop.service',
    `0::/user.slice/${ID.slice(1)}`,
    `docker-${ID}`,
  ];
  for (const text of [...texts, `0::/machine.slice/libpod-conmon-${ID}.scope`]) {
    assert.equal(parseContainerCgroup(text), null, text);
  }
  fc.assert(fc.property(fc.string(), (text) => parseContainerCgroup(text) === null));
});

test('its attributes are those of OpenTelemetry', () => {
  assert.deepEqual(containerAttributes(null), {});
  assert.deepEqual(containerAttributes({ runtime: 'containerd', id: ID, podUid: POD }), {
    ...{ 'container.id': ID, 'container.runtime': 'containerd', 'k8s.pod.uid': POD },
  });
});
