import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WORKLOAD_KEYS } from '../model/workload.ts';
import { publishWorkload } from './publish-workload.ts';

const published = (attributes: Record<string, unknown>) =>
  publishWorkload(new Map(Object.entries(attributes)));

test('only well-formed names of the list pass', () => {
  const names = {
    'systemd.unit': 'shop@2.service',
    'container.id': 'a'.repeat(64),
    'k8s.pod.name': 'shop-7d4b9c-x2x4z',
    'k8s.node.name': 'node-1.example',
  };
  const others = {
    'container.name': 'a name',
    'k8s.namespace.name': '-web',
    'container.runtime': 7,
    'k8s.pod.labels.owner': 'ann',
    'process.command_line': 'node server.js --token secret',
  };
  assert.deepEqual(published({ ...names, ...others }), names);
});

test('of an image, neither the registry nor the digest passes', () => {
  const image = (name: string) => published({ 'container.image.name': name })['container.image.name'];
  assert.equal(image('registry.example.com:5000/team/shop:1.2'), 'team/shop:1.2');
  assert.equal(image('localhost/shop'), 'shop');
  assert.equal(image('team/shop:1.2'), 'team/shop:1.2');
  assert.equal(image(`shop:1@sha256:${'a'.repeat(64)}`), 'shop:1');
  assert.equal(image(`sha256:${'a'.repeat(64)}`), `sha256:${'a'.repeat(64)}`);
  assert.equal(image('user@host/shop'), undefined);
});

test('whatever is received, values are short, and what passed passes again', () => {
  const key = fc.oneof(fc.constantFrom(...WORKLOAD_KEYS), fc.string());
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(fc.string({ maxLength: 300 }), fc.anything())), (attributes) => {
      const names = published(attributes);
      for (const value of Object.values(names)) assert.ok(value.length <= 255 && !/\p{Cc}/u.test(value));
      assert.deepEqual(published(names), names);
    }),
  );
});
