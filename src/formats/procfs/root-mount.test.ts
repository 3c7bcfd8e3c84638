import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rootMountOptions } from './root-mount.ts';

test('the uppermost mount at the root counts', () => {
  const text = [
    '21 1 0:20 / / rw - rootfs rootfs rw',
    '35 98 0:31 / /proc rw,nosuid shared:5 - proc proc rw',
    '40 21 0:40 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/a,upperdir=/b,workdir=/c,index=on',
    '',
  ].join('\n');
  const mount = rootMountOptions(text);
  assert.equal(mount?.type, 'overlay');
  assert.ok(mount.options.includes('index=on'));
  assert.equal(rootMountOptions('35 98 0:31 / /proc rw - proc proc rw'), null);
});

test('any text is read', () => {
  fc.assert(fc.property(fc.string(), (text) => rootMountOptions(text) === null || text.includes('/')));
});
