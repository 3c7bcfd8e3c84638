import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUnixListeners } from './unix-listeners.ts';

test('listening stream sockets, also without a path, and of damaged text none', () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
00000000714e1d99: 00000003 00000000 00000000 0001 03 366328
00000000714e1d9a: 00000002 00000000 00010000 0001 01 4711 /run/shop.sock
00000000714e1d9b: 00000002 00000000 00010000 0001 01 4712
00000000714e1d9c: 00000002 00000000 00010000 0005 01 4713 /run/udev/control
00000000714e1d9d: 00000002 00000000 00010000 0001 01 x
00000000714e1d9e: 0000`;
  assert.deepEqual(parseUnixListeners(text), new Set(['4711', '4712']));
  assert.deepEqual(parseUnixListeners(''), new Set());
});
