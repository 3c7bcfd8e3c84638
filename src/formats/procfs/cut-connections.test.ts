import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedConnections, isListening, listeningPorts, openConnections } from './cut-connections.ts';
import { parseTcpTable } from './tcp-table.ts';

/** Recorded: a server on port 18555 was killed with a connection that was idle, one that its client had closed since. */
const AFTER = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   3: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 42 1 0000000000000000 100 0 0 10 0
  10: 0100007F:487B 0100007F:EDF2 05 00000000:00000000 03:00001768 00000000     0        0 0 3 0000000022b03b64
  24: 0100007F:EDF2 0100007F:487B 08 00000000:00000001 00:00000000 00000000     0        0 1911687 2 00000000750
  35: 0100007F:487B 0100007F:EDDC 06 00000000:00000000 03:0000176A 00000000     0        0 0 3 000000007ddc9af1
  36: 0100007F:487B 0100007F:EDDD 04 00000001:00000000 01:00000014 00000000     0        0 0 2 0000000084963b56
  37: 0100007F:487B 0100007F:EDDE 06 00000000:00000000 03:00000100 00000000     0        0 0 3 000000007ddc9af1
  38: 0100007F:1F90 0100007F:EDDF 01 00000000:00000000 00:00000000 00000000     0        0 43 1 0000000000000000`;

test('connections that ended with a process, without those that were closed long before', () => {
  const table = parseTcpTable(AFTER);
  assert.equal(table.length, 7);
  const port = new Set([18555]);
  assert.equal(closedConnections(table, port, 200), 3);
  assert.equal(closedConnections([...table, ...table], port, 200), 3);
  assert.equal(closedConnections(table, port, 70), 2);
  assert.equal(closedConnections(table, new Set([80]), 200), 0);
});

test('connections that a process has with its clients', () => {
  const table = parseTcpTable(AFTER);
  assert.equal(openConnections(table, new Set([43])), 1);
  // One that it opened itself: nothing listens on that port.
  assert.equal(openConnections(table, new Set([1911687])), 0);
  assert.deepEqual([...listeningPorts(table, new Set([42, 43]))], [8080]);
  assert.equal(isListening(table, new Set([8080])), true);
  assert.equal(isListening(table, new Set([18555])), false);
});

test('other text has no rows', () => {
  assert.deepEqual(parseTcpTable('\n 1: x\n'), []);
});
