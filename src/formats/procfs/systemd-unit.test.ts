import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSystemdUnit } from './systemd-unit.ts';

test('the service of a process is found in its cgroups', () => {
  const system = { name: 'shop.service', manager: 'system' };
  for (const [text, expected] of [
    ['0::/system.slice/shop.service\n', system],
    ['0::/system.slice/shop.service/worker\n', system],
    ['5:memory:/x.service\n1:name=systemd:/system.slice/shop.service\n0::/\n', system],
    ['0::/system.slice/system-shop.slice/shop@1.service\n', { name: 'shop@1.service', manager: 'system' }],
    [
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service\n',
      { name: 'shop.service', manager: 'user' },
    ],
    ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n', null],
    ['0::/user.slice/user-1000.slice/session-1.scope\n', null],
    ['0::/system.slice/docker-0123.scope\n', null],
    ['0::/\n', null],
    ['', null],
  ] as const) {
    assert.deepEqual(parseSystemdUnit(text), expected, text);
  }
});
