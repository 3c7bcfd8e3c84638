import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTcpListeners } from './tcp-listeners.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31415 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27182 1
   2: 0100007F:0CEA 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 16180 1 0000000000000000
   3: 0100007F:0CEA 0100007F:9C42 06 00000000:00000000 03:00000A5C 00000000     0        0 0 3 0000000000000000
`;

test('of a table of sockets, those that listen', () => {
  assert.deepEqual([...parseTcpListeners(TABLE)], ['31415', '27182']);
});

test('of any other text, none, without an error', () => {
  fc.assert(fc.property(fc.string(), (text) => parseTcpListeners(text).size === 0));
});
